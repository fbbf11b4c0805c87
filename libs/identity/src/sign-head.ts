import { headText, type SignedHead } from '@sluice/contracts';
import type { OwnIdentity } from './own-identity.js';

/** The end of a chain: the number and the hash of its last fact. */
export interface ChainEnd extends Pick<SignedHead, 'through' | 'hash'> {
  readonly incarnation: string;
}

/** Signs the end of an author's chain with the author's present key. `checkHead` checks it. */
export function signHead(own: OwnIdentity, author: string, { incarnation, ...end }: ChainEnd): SignedHead {
  const stated = { ...end, at: new Date().toISOString() };
  const signature = own.sign(Buffer.from(headText(author, incarnation, stated), 'latin1'));
  return { ...stated, certificate: own.certificate.toString('base64'), signature: signature.toString('base64') };
}

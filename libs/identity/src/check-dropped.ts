import { Dropped, droppedText } from '@sluice/contracts';
import type { OwnIdentity } from './own-identity.js';
import { CertificateError, type VerifiedCertificate } from './verify-certificate.js';

/** What was dropped from a chain, before the audit service has signed it. */
export type DroppedStatement = Omit<Dropped, 'certificate' | 'signature'>;

/** Checks certificates as of the time when they were used. */
interface Authority {
  verify(certificate: Buffer, at: number): VerifiedCertificate;
}

/** Signs what is dropped from a chain, with the audit service's present key. `checkDropped` checks it. */
export function signDropped(own: OwnIdentity, stated: DroppedStatement): Dropped {
  const signature = own.sign(Buffer.from(droppedText(stated), 'utf8'));
  return { ...stated, certificate: own.certificate.toString('base64'), signature: signature.toString('base64') };
}

/** Checks that the audit service has signed what was dropped, with a certificate that was valid then. @returns it, or what is wrong */
export function checkDropped(data: unknown, authority: Authority): Dropped | { readonly wrong: string } {
  const parsed = Dropped.safeParse(data);
  if (!parsed.success)
    return { wrong: `it is malformed: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}` };
  const dropped = parsed.data;
  try {
    const certificate = authority.verify(Buffer.from(dropped.certificate, 'base64'), Date.parse(dropped.at));
    const { identity } = certificate;
    if (identity.kind !== 'service' || identity.service !== 'audit')
      return { wrong: 'it was signed with a certificate that is not of the audit service' };
    if (!certificate.signed(Buffer.from(droppedText(dropped), 'utf8'), Buffer.from(dropped.signature, 'base64')))
      return { wrong: 'its signature is wrong' };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { wrong: `its certificate is not valid: ${error.message}` };
  }
  return dropped;
}

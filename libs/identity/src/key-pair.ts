import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';

/** A P-256 key of one's own, with its public half as PEM. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly privatePem: string;
  readonly publicPem: string;
}

/** Makes a new P-256 key. */
export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    privateKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** Reads back a private key. */
export const readPrivateKey = (pem: string): KeyObject => createPrivateKey(pem);

/** SHA-256 of a certificate given as PEM, hex: how an authority is pinned. */
export const fingerprintOf = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');

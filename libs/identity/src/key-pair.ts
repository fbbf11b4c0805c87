import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { fingerprintOfCertificate } from './authority-records.js';

/** A P-256 key pair, with the public key as PEM. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly privatePem: string;
  readonly publicPem: string;
}

/** Generates a P-256 key pair. */
export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    privateKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** Parses a private key. */
export const readPrivateKey = (pem: string): KeyObject => createPrivateKey(pem);

/** SHA-256 of a certificate given as PEM, in hexadecimal; an authority is pinned by it. */
export const fingerprintOf = (pem: string): string => fingerprintOfCertificate(new X509Certificate(pem));

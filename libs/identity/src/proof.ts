import { createPublicKey, type KeyObject, sign, verify, type X509Certificate } from 'node:crypto';

/** Signs bytes with a P-256 key: 64 bytes, r and s. */
export const signBytes = (key: KeyObject, bytes: Buffer): Buffer => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });

/** Whether the holder of a certificate's key signed these bytes. */
export const signedBy = (certificate: X509Certificate, bytes: Buffer, signature: Buffer): boolean =>
  verify('sha256', bytes, { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' }, signature);

/** Parses a public key that a peer sent: PEM (SPKI), P-256 only. Undefined for anything else. */
export function readPublicKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: pem, format: 'pem', type: 'spki' });
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

import { type KeyObject, X509Certificate } from 'node:crypto';
import { credentialsText, type NodeCredentials } from '@sluice/contracts';
import { assertAuthorities, fingerprintOfCertificate, splitPem } from './authority-records.js';
import { readPrivateKey } from './key-pair.js';
import { OwnIdentity } from './own-identity.js';
import { signBytes, signedBy } from './proof.js';

/** Signs what a relay is given, with the key of the authority that has issued its certificate: 64 bytes in base64. */
export const signNodeCredentials = (key: KeyObject, credentials: NodeCredentials): string =>
  signBytes(key, Buffer.from(credentialsText(credentials))).toString('base64');

/**
 * Checks what a relay was given through a gateway, which may have been taken over: that the authorities follow from the one that is
 * trusted, that the certificate is one of this relay for its own key, and that the first authority has signed the rest, above all
 * where the bus is and by which authority it proves itself. From the bus a relay learns who may reach what.
 * @param trusted fingerprint of the authority in the enrolment token, or of the signer of the certificate before
 * @param privateKey the key that was certified, PEM
 * @param before what the relay had; undefined when it enrols
 * @param signed whether they must be signed: a registry of an older release signs none, and neither does a gateway that leaves the
 *   signature out, so relays require it whose token says so, and those that have had one
 * @throws Error if something is not as it must be
 */
export function assertNodeCredentials(
  credentials: NodeCredentials,
  {
    trusted,
    privateKey,
    before,
    signed,
  }: { readonly trusted: string; readonly privateKey: string; readonly before?: NodeCredentials; readonly signed: boolean },
): void {
  assertAuthorities(trusted, credentials);
  const { certificate, ca, signature } = credentials;
  const { authority, certificate: der, issuedAt } = new OwnIdentity({ certificate, privateKey, ca });
  const { identity, authority: issuer } = authority.verify(der, issuedAt); // whatever the clock of this machine says
  const { nodeId, cluster } = before ?? credentials;
  if (identity.kind !== 'relay' || identity.nodeId !== nodeId || identity.cluster !== cluster)
    throw new Error('the certificate is of another node');
  if (!new X509Certificate(der).checkPrivateKey(readPrivateKey(privateKey))) throw new Error('the certificate is of another key');
  const signer = new X509Certificate(splitPem(ca)[0] as string);
  if (issuer !== fingerprintOfCertificate(signer)) throw new Error('the first authority has not signed the certificate');
  if (signature === undefined && !signed) return;
  if (!signedBy(signer, Buffer.from(credentialsText(credentials)), Buffer.from(signature ?? '', 'base64')))
    throw new Error('the authority has not signed these credentials');
}

/**
 * Keys and certificates: how accounts and nodes prove who they are. A certificate carries exactly one name,
 * `sluice://<organization>/…`, and identity is derived from nothing else. Authorities that follow one another endorse each other.
 *
 *   authority ──signs──► certificate {name, public key, until}
 *                              │ verified by CertificateVerifier: signature, time, usage, one name
 *   OwnIdentity ──signs──► proof of the key, in the preamble and in TLS
 *
 * This entry point only verifies and proves. `/authority` issues certificates, `/bus-authority` signs users of the bus; only
 * the registry imports them.
 */
export {
  assertAuthorities,
  endorseNext,
  endorsePrevious,
  fingerprintOfCertificate,
  fingerprintsOf,
  provenAuthorities,
  readPem,
  splitPem,
  type TrustedAuthority,
} from './authority-records.js';
export { checkDropped, type DroppedStatement, signDropped } from './check-dropped.js';
export { checkHead, type InvalidHead, type ValidHead } from './check-head.js';
export { formatEnrolmentToken, parseEnrolmentToken } from './enrolment-token.js';
export { type Identity, ownerOfIdentity, type PeerIdentity } from './identity-name.js';
export { fingerprintOf, makeKeyPair, readPrivateKey } from './key-pair.js';
export { assertNodeCredentials, signNodeCredentials } from './node-credentials.js';
export { OwnIdentity } from './own-identity.js';
export { readPublicKey, signBytes } from './proof.js';
export { obtain, RenewingIdentity } from './renewing-identity.js';
export { hashSecret, makeSecret, openText, sealText } from './secret.js';
export { ServiceIdentity } from './service-identity.js';
export { signHead } from './sign-head.js';
export { CertificateError, CertificateVerifier } from './verify-certificate.js';

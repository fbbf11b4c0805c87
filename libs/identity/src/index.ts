export { type EnrolmentToken, formatEnrolmentToken, parseEnrolmentToken } from './enrolment-token.js';
export { formatIdentity, type Identity, parseIdentity } from './identity-name.js';
export { fingerprintOf, type KeyPair, makeKeyPair, readPrivateKey } from './key-pair.js';
export { type IdentityTexts, OwnIdentity } from './own-identity.js';
export { readPublicKey, signBytes } from './proof.js';
export { hashSecret, makeSecret, openText, sealText } from './secret.js';
export { CertificateError, CertificateVerifier, type VerifiedCertificate } from './verify-certificate.js';

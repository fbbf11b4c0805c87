export { type EnrolmentToken, formatEnrolmentToken, parseEnrolmentToken } from './enrolment-token.js';
export { formatIdentity, type Identity, parseIdentity } from './identity-name.js';
export { fingerprintOf, type KeyPair, makeKeyPair, readPrivateKey } from './key-pair.js';
export { readPublicKey, signBytes, signedBy } from './proof.js';
export { hashSecret, makeSecret, openText, sealText } from './secret.js';
export { CertificateError, type VerifiedCertificate, verifyCertificate } from './verify-certificate.js';

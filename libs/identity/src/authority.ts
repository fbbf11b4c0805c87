// The second entry point of this library: what only the registry, the embedded start and tests need. It loads the X.509 library.
export {
  type Authority,
  createAuthority,
  issueCertificate,
  issueServerCertificate,
  readAuthority,
} from './authority/certificate-authority.js';

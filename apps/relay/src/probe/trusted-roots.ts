import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** Where systems keep the authorities that they trust, in one file. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

let roots: SecureContext | undefined;

/** The public authorities that Node contains, and those that this system trusts. They are read once. */
export function trustedRoots(): SecureContext {
  const bundle = BUNDLES.find((file) => existsSync(file));
  return (roots ??= createSecureContext({
    ca: [...rootCertificates, ...(bundle === undefined ? [] : [readFileSync(bundle)])],
  }));
}

import 'reflect-metadata';
import { type KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isIP } from 'node:net';
import { formatIdentity, type Identity } from '../identity-name.js';
import { BACKDATE_MS } from '../verify-certificate.js';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const TEN_YEARS_MS = 10 * 365 * 24 * 3600 * 1000;

/** The installation's certificate authority. */
export interface Authority {
  readonly certificatePem: string;
  readonly privateKey: webcrypto.CryptoKey;
  readonly privatePem: string;
}

/** Makes a new authority for an organization. Its name is unique, because OpenSSL looks for the issuer of a certificate by name. */
export async function createAuthority(organizationId: string, now: Date): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const serialNumber = serial();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: `CN=Sluice ${organizationId} ${serialNumber.slice(0, 8)}`,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + TEN_YEARS_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privatePem = `-----BEGIN PRIVATE KEY-----\n${(pkcs8.toString('base64').match(/.{1,64}/g) as string[]).join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { certificatePem: certificate.toString('pem'), privateKey: keys.privateKey, privatePem };
}

/** Reads an authority back from its PEM texts. */
export async function readAuthority(certificatePem: string, privatePem: string): Promise<Authority> {
  const der = Buffer.from(privatePem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  return { certificatePem, privateKey, privatePem };
}

/**
 * Issues a certificate. Subject, names and usage are derived from an identity that the caller has verified; only the public key
 * comes from the request.
 */
export async function issueCertificate(
  authority: Authority,
  identity: Identity,
  publicKey: KeyObject,
  now: Date,
  lifetimeMs: number,
) {
  const usage = identity.kind === 'account' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const names: x509.JsonGeneralNames = [{ type: 'url', value: formatIdentity(identity) }];
  return sign(authority, { subject: `CN=sluice ${identity.kind}`, usages: [usage], names, publicKey, now, lifetimeMs });
}

/**
 * Issues a certificate for a TLS server of the installation that is not a node: NATS, PostgreSQL, the API. `hosts` are its names or
 * addresses.
 * @param connectsToo whether the server proves itself with it also where it connects, as servers of a NATS cluster do to each other.
 *   Whoever has such a certificate can join the cluster.
 */
export async function issueServerCertificate(
  authority: Authority,
  publicKey: KeyObject,
  hosts: readonly string[],
  now: Date,
  lifetimeMs: number,
  connectsToo = false,
): Promise<string> {
  const names = hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  // the subject must differ from the authority's, also when compared without regard to case
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const usages = connectsToo ? [serverAuth, clientAuth] : [serverAuth];
  const of = { subject: 'CN=sluice server', usages, names, publicKey, now, lifetimeMs };
  return (await sign(authority, of)).certificatePem;
}

/** What distinguishes the two kinds of certificate. */
interface Subject {
  readonly subject: string;
  readonly usages: x509.ExtendedKeyUsage[];
  readonly names: x509.JsonGeneralNames;
  readonly publicKey: KeyObject;
  readonly now: Date;
  readonly lifetimeMs: number;
}

async function sign(authority: Authority, { subject, usages, names, publicKey, now, lifetimeMs }: Subject) {
  const serialNumber = serial();
  const expiresAt = new Date(Math.floor((now.getTime() + lifetimeMs) / 1000) * 1000);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject,
    issuer: new x509.X509Certificate(authority.certificatePem).subject,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: expiresAt,
    signingAlgorithm: ALGORITHM,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }) as Buffer<ArrayBuffer>,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages, true),
      new x509.SubjectAlternativeNameExtension(names, false),
    ],
  });
  return { certificatePem: certificate.toString('pem'), serialNumber, expiresAt };
}

function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40; // positive, and without leading zeros
  return Buffer.from(bytes).toString('hex');
}

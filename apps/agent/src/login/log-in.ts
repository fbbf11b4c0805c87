import { assertAuthorities, fingerprintsOf, makeKeyPair } from '@sluice/identity';
import { createSluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type { StoredLogin } from './stored-login.js';

/** Signs in, makes a key pair and has its public key certified. The private key never leaves this machine. @throws ApiError */
export async function logIn(server: string, email: string, password: string): Promise<StoredLogin> {
  const login = await unwrap(createSluiceClient({ server }).POST('/api/v1/logins', { body: { email, password } }));
  const token = tokenOf(login);
  const pair = makeKeyPair();
  const { certificate, ca, certificateExpiresAt } = await certify(server, token, pair.publicPem);
  return {
    server,
    token,
    loginId: login.loginId,
    expiresAt: login.expiresAt,
    account: login.account,
    privateKey: pair.privatePem,
    certificate,
    ca,
    certificateExpiresAt,
  };
}

/** The same login with a new key and a new certificate for it. @throws ApiError, or an Error for an authority that none of those before endorses */
export async function renewCertificate(login: StoredLogin): Promise<StoredLogin> {
  const pair = makeKeyPair();
  const { authorities, ...certified } = await certify(login.server, login.token, pair.publicPem);
  const [signer] = fingerprintsOf(login.ca);
  assertAuthorities(signer as string, { ca: certified.ca, authorities });
  return { ...login, privateKey: pair.privatePem, ...certified };
}

async function certify(server: string, token: string, publicKey: string) {
  const { certificate, ca, authorities, expiresAt } = await unwrap(
    createSluiceClient({ server, token }).POST('/api/v1/me/certificates', { body: { publicKey } }),
  );
  return { certificate, ca, authorities, certificateExpiresAt: expiresAt };
}

import { createPublicKey, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { accountOfService, BUS_SERVICES, servicePermissions, siemPermissions } from '@sluice/contracts';
import { makeKeyPair } from '@sluice/identity';
import { type Authority, createAuthority, issueServerCertificate, readAuthority } from '@sluice/identity/authority';
import {
  busServerConfig,
  formatCredentials,
  makeAccountSeed,
  makeAccountSeeds,
  makeBusUser,
  makeSystemAccount,
  publicKeyOf,
  readerSigner,
} from '@sluice/identity/bus-authority';
import pg from 'pg';
import { keptSecret } from './home.js';

/** Services with their own schema and database role. */
const STORES = ['registry', 'audit'] as const;

const SERVER_LIFETIME_MS = 2 * 365 * 24 * 3600 * 1000;

const randomPassword = () => randomBytes(24).toString('base64url');

/** The certificate authority for TLS on the bus, created the first time. It is separate from that of nodes and accounts, which belongs to the registry. */
async function keptBusAuthority(secrets: string): Promise<Authority> {
  const [certificate, key] = [path.join(secrets, 'bus-ca.pem'), path.join(secrets, 'bus-ca-key.pem')];
  if (existsSync(certificate) && existsSync(key))
    return readAuthority(readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8'));
  const authority = await createAuthority('bus', new Date());
  writeFileSync(key, authority.privatePem, { mode: 0o600 });
  writeFileSync(certificate, authority.certificatePem, { mode: 0o644 });
  return authority;
}

/**
 * Writes a bus user for each service, and one for readers of facts, each into a separate file, and the server's certificate.
 * Permissions depend on the release and certificates expire, so everything is signed at every start; the accounts' seeds are kept,
 * and only that of relays leaves the folder: the registry signs relays with it, and SIEM readers with a key that can give them
 * no permissions but their own.
 * @param hosts names and addresses of the server, besides those of this machine
 * @param seenAt the path at which the server itself finds the files
 * @returns the configuration of a NATS server that trusts these users, with its certificate
 */
export async function prepareBus(secrets: string, hosts: readonly string[] = [], seenAt: string = secrets): Promise<string> {
  const authority = await keptBusAuthority(secrets);
  const startedAt = Date.now();
  const seedFile = (account: string) => path.join(secrets, `bus-${account}-seed`);
  // the account that all services shared in earlier releases has the stream of facts, so it becomes that of audit, without their users
  const former = existsSync(seedFile('services')) ? readFileSync(seedFile('services'), 'utf8').trim() : undefined;
  const seeds = makeAccountSeeds((account) =>
    keptSecret(seedFile(account), () => (account === 'audit' ? former : undefined) ?? makeAccountSeed()),
  );
  const auditSince = Number(
    keptSecret(path.join(secrets, 'bus-audit-since'), () => String(former === undefined ? 0 : startedAt)),
  );
  const signer = readerSigner(seeds.readers, keptSecret(path.join(secrets, 'bus-readers-signing-seed'), makeAccountSeed));
  const system = keptSecret(path.join(secrets, 'bus-system-account'), makeSystemAccount);
  const write = (name: string, text: string) => writeFileSync(path.join(secrets, name), text, { mode: 0o600 });
  for (const service of BUS_SERVICES) {
    const user = await makeBusUser(seeds[accountOfService(service)], service, servicePermissions(service));
    write(`bus-${service}.json`, JSON.stringify({ ...user, ca: authority.certificatePem }));
  }
  write('bus-readers.json', JSON.stringify(signer));
  const reader = await makeBusUser(seeds.siem, 'siem', siemPermissions());
  write('siem.creds', formatCredentials(reader));
  await certifyServer(secrets, 'bus-server', hosts, true); // servers of a cluster prove themselves to each other with it
  const [cert, key] = ['bus-server.pem', 'bus-server-key.pem'].map((name) => path.join(seenAt, name));
  const options = { system, ...(auditSince > 0 ? { auditSince: new Date(auditSince) } : {}) };
  return `${await busServerConfig(seeds, publicKeyOf(signer.seed), options)}\ntls { cert_file: "${cert}", key_file: "${key}", timeout: 5 }`;
}

/** Writes a certificate and key for a TLS server under the authority of the bus: `NAME.pem`, `NAME-key.pem`. @param connectsToo see `issueServerCertificate` */
export async function certifyServer(secrets: string, name: string, hosts: readonly string[], connectsToo = false): Promise<void> {
  const authority = await keptBusAuthority(secrets);
  const pair = makeKeyPair();
  const names = [...new Set(['localhost', hostname(), '127.0.0.1', '::1', ...hosts])];
  const publicKey = createPublicKey(pair.publicPem);
  const certificate = await issueServerCertificate(authority, publicKey, names, new Date(), SERVER_LIFETIME_MS, connectsToo);
  writeFileSync(path.join(secrets, `${name}.pem`), certificate, { mode: 0o644 });
  writeFileSync(path.join(secrets, `${name}-key.pem`), pair.privatePem, { mode: 0o600 });
}

/** Creates the database and a role for each service with a generated password. @returns the URLs of the owner and the services. Secret. */
export async function provisionDatabase(
  serverUrl: string,
  secrets: string,
  database: string | undefined,
): Promise<{ owner: string; registry: string; audit: string }> {
  if (database !== undefined) {
    await query(serverUrl, async (client) => {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
      if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(database)}`);
    });
  }
  const owner = new URL(serverUrl);
  if (database !== undefined) owner.pathname = `/${database}`;
  const urls: Record<string, string> = { owner: owner.href };
  await query(owner.href, async (client) => {
    for (const store of STORES) {
      const role = `sluice_${store}`;
      const password = keptSecret(path.join(secrets, `postgres-${store}`), randomPassword);
      const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
      const verb = rowCount === 0 ? 'create' : 'alter';
      await client.query(`${verb} role ${role} login password ${pg.escapeLiteral(password)}`);
      const url = new URL(owner);
      url.username = role;
      url.password = encodeURIComponent(password);
      urls[store] = url.href;
    }
  });
  return urls as { owner: string; registry: string; audit: string };
}

async function query(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUS_SERVICES, servicePermissions } from '@sluice/contracts';
import { type BusKeys, busServerConfig, createBusKeys, issueBusUser } from '@sluice/identity/bus-authority';
import pg from 'pg';
import { keptSecret } from './home.js';

/** Services with a schema of their own, and so a database role of their own. */
const STORES = ['registry', 'audit'] as const;

const randomPassword = () => randomBytes(24).toString('base64url');

/** The keys of the bus, made the first time. The seed in them signs bus users: only the registry gets it. */
async function keptBusKeys(secrets: string): Promise<BusKeys> {
  const file = path.join(secrets, 'bus-keys.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BusKeys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const keys = await createBusKeys();
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/**
 * Writes a bus user for each service into a file of its own; permissions follow the release, so they are signed at every start.
 * @returns the configuration with which a NATS server trusts them
 */
export async function prepareBus(secrets: string): Promise<string> {
  const keys = await keptBusKeys(secrets);
  writeFileSync(path.join(secrets, 'bus-account-seed'), `${keys.accountSeed}\n`, { mode: 0o600 });
  for (const service of BUS_SERVICES) {
    const user = await issueBusUser(keys.accountSeed, service, servicePermissions(service), { now: new Date() });
    writeFileSync(path.join(secrets, `bus-${service}.json`), JSON.stringify(user), { mode: 0o600 });
  }
  const trust = busServerConfig(keys);
  writeFileSync(path.join(secrets, '..', 'nats-trust.conf'), `${trust}\n`, { mode: 0o644 }); // public: a NATS server of somebody else's includes it
  return trust;
}

/** Makes the database and a role for each service with a generated password. @returns the URLs, owner and services. Secret. */
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

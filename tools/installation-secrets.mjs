// The secrets of an installation as Secrets of Kubernetes: each process mounts its own, and the set-up finds them again at the next upgrade.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The Secrets, by what follows the installation's name, and the files in each. A file is in one of them. */
export const SECRETS = {
  setup: [
    'bus-ca-key.pem',
    'bus-registry-seed',
    'bus-audit-seed',
    'bus-audit-since',
    'bus-health-seed',
    'bus-gateways-seed',
    'bus-siem-seed',
    'bus-readers-seed',
    'bus-readers-signing-seed',
    'bus-system-account',
  ],
  database: ['postgres-owner', 'postgres-registry', 'postgres-audit'],
  registry: ['registry-database-url', 'bus-registry.json', 'bus-relays-seed', 'bus-readers.json', 'ca-seal-key'],
  admin: ['admin-password'],
  ca: ['bus-ca.pem'],
  audit: ['audit-database-url', 'bus-audit.json'],
  health: ['bus-health.json'],
  gateway: ['bus-gateway.json'],
  'api-tls': ['tls.crt', 'tls.key'],
  nats: ['nats.conf', 'bus-server.pem', 'bus-server-key.pem'],
  postgres: ['postgres-server.pem', 'postgres-server-key.pem'],
  siem: ['siem.creds'],
};
/** Those that cannot be generated again without losing what was made with them: they all exist, or none does. */
const KEPT = ['setup', 'database', 'registry', 'ca'];
/** The names that the API's certificate has in Kubernetes. */
const RENAMED = { 'tls.crt': 'gateway.pem', 'tls.key': 'gateway-key.pem' };

/**
 * Writes the files of the Secrets that exist into `folder`, lets `make` complete the folder, and creates or replaces the Secrets.
 * @returns the names of those that were created @throws Error if some of those that cannot be generated again are missing
 */
export async function keepSecrets(api, installation, folder, make) {
  const nameOf = (secret) => `${installation}-${secret}`;
  const found = new Map();
  for (const secret of Object.keys(SECRETS)) {
    const present = await api.read(nameOf(secret));
    if (present) found.set(secret, present);
  }
  const lost = KEPT.filter((secret) => !found.has(secret));
  if (lost.length > 0 && lost.length < KEPT.length)
    throw new Error(
      `the Secret ${lost.map(nameOf).join(', ')} is missing, and what it contains cannot be generated again. Restore it from a backup; ` +
        `if this installation has never run, delete ${KEPT.filter((secret) => found.has(secret))
          .map(nameOf)
          .join(', ')} too`,
    );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { files } of found.values()) for (const [name, text] of Object.entries(files)) writeFileSync(at(folder, name), text);
  await make();
  const created = [];
  for (const [secret, names] of Object.entries(SECRETS)) {
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(at(folder, name), 'utf8')]));
    const before = found.get(secret);
    if (before) await api.replace(nameOf(secret), { ...before.files, ...files }, before.version);
    else if (await api.create(nameOf(secret), files)) created.push(nameOf(secret));
    else throw new Error(`the Secret ${nameOf(secret)} was created by somebody else meanwhile: run this again`);
  }
  return created;
}

const at = (folder, name) => path.join(folder, RENAMED[name] ?? path.basename(name));

/** Whether a Secret has a cluster key already. */
const hasKey = async (api, secret) => (await api.read(secret))?.files.token !== undefined;

/**
 * Makes a key for each cluster whose Secret does not exist, and the cluster if need be. `signIn` is called only if a key is needed.
 * @param wanted pairs of a cluster's name and the name of its Secret
 * @returns the Secrets that were created
 */
export async function keepRelayKeys(api, wanted, signIn) {
  const missing = [];
  for (const pair of wanted) if (!(await hasKey(api, pair.secret))) missing.push(pair);
  if (missing.length === 0) return [];
  const administrator = await signIn();
  try {
    for (const { cluster, secret } of missing) {
      const key = await administrator.createKey(cluster);
      if (!(await api.create(secret, { token: key }))) throw new Error(`the Secret ${secret} exists but has no token: delete it`);
    }
  } finally {
    await administrator.end();
  }
  return missing.map(({ secret }) => secret);
}

/** The cluster's name and its Secret, from `CLUSTER=SECRET`. */
export function parsePair(text) {
  const [cluster, secret, ...more] = text.split('=');
  if (!cluster || !secret || more.length > 0) throw new Error(`"${text}" is not CLUSTER=SECRET`);
  return { cluster, secret };
}

// What containers need before they can start: `secrets FOLDER [HOST...]` writes every secret of an installation into a
// folder, once each; `database` creates roles and tables in PostgreSQL. Both can be repeated, and must be at each upgrade.
// In Kubernetes, `kubernetes-secrets` keeps that folder in Secrets, `kubernetes-relay-keys` makes the keys with which relays enrol,
// and `reachable` tests an installation.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { keptSecret, natsConfig } from '@sluice/embedded';
import { certifyServer, prepareBus, provisionDatabase } from '@sluice/embedded/provision';
import { clusterKeys, reachable } from './installation-api.mjs';
import { keepRelayKeys, keepSecrets, parsePair } from './installation-secrets.mjs';
import { kubernetesSecrets as secretsOfNamespace } from './kubernetes-api.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Where the secrets of a container are mounted. */
const MOUNTED = '/run/secrets';
/** The URL of PostgreSQL without its user, for clients with the authority of its certificate. */
const POSTGRES =
  process.env.SLUICE_SETUP_POSTGRES || `postgres:5432/sluice?sslmode=verify-full&sslrootcert=${MOUNTED}/bus-ca.pem`;
/** Who owns the database. */
const POSTGRES_OWNER = process.env.SLUICE_SETUP_POSTGRES_OWNER || 'sluice';
/** What JetStream may store in total, in bytes; undefined for the default. */
const JETSTREAM_BYTES = process.env.SLUICE_SETUP_JETSTREAM_BYTES;
const [verb, ...rest] = process.argv.slice(2);

async function secrets(folder, hosts) {
  const limit = jetstreamLimit();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700); // protects the files from other users of this machine; a container sees only its own, whatever user it runs as
  for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), 0o600);
  const keep = (name, make) => keptSecret(path.join(folder, name), make);
  const password = () => randomBytes(24).toString('base64url');
  const url = (role) => `postgres://sluice${role}:${keep(`postgres${role.replace('_', '-')}`, password)}@${POSTGRES}`;
  keep('postgres-owner', password);
  for (const role of ['registry', 'audit']) write(folder, `${role}-database-url`, url(`_${role}`));
  keep('admin-password', () => randomBytes(16).toString('base64url'));
  keep('ca-seal-key', () => randomBytes(32).toString('hex'));
  keep('demo-password', password);
  const trust = await prepareBus(folder, ['nats', ...hosts], MOUNTED);
  write(folder, 'nats.conf', natsConfig('0.0.0.0:4222', '/data/jetstream', trust, limit));
  await certifyServer(folder, 'gateway', ['gateway', ...hosts]);
  await certifyServer(folder, 'postgres-server', ['postgres', ...hosts]);
  for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), 0o444);
  console.log(
    `The secrets are in ${folder}. The administrator's password is in admin-password, the certificate authority of TLS in bus-ca.pem.`,
  );
}

function jetstreamLimit() {
  if (!JETSTREAM_BYTES) return {};
  if (!/^[1-9]\d{0,15}$/.test(JETSTREAM_BYTES))
    throw new Error(`SLUICE_SETUP_JETSTREAM_BYTES is a number of bytes (it is "${JETSTREAM_BYTES}")`);
  return { storage: Number(JETSTREAM_BYTES) };
}

async function database() {
  const owner = readFileSync(path.join(MOUNTED, 'postgres-owner'), 'utf8').trim();
  const server = `postgres://${encodeURIComponent(POSTGRES_OWNER)}:${encodeURIComponent(owner)}@${POSTGRES}`;
  const urls = await provisionDatabase(server, MOUNTED, undefined);
  for (const app of ['registry', 'audit']) {
    const { migrateSchema } = await import(pathToFileURL(path.join(root, 'apps', app, 'dist', 'migrate.js')).href);
    const done = await migrateSchema(urls.owner);
    console.log(`${app}: ${done.length === 0 ? 'up to date' : done.join(', ')}`);
  }
}

async function kubernetesSecrets(installation, folder, hosts) {
  const created = await keepSecrets(secretsOfNamespace(), installation, folder, () => secrets(folder, hosts));
  console.log(created.length === 0 ? 'No Secret was missing.' : `Created the Secrets ${created.join(', ')}.`);
}

async function kubernetesRelayKeys(server, email, pairs) {
  const signIn = () => clusterKeys(server, email, readFileSync('/etc/sluice/admin-password', 'utf8').trim());
  const created = await keepRelayKeys(secretsOfNamespace(), pairs.map(parsePair), signIn);
  console.log(created.length === 0 ? 'Every group of relays has a key.' : `Created the Secrets ${created.join(', ')}.`);
}

const write = (folder, name, text) => writeFileSync(path.join(folder, name), `${text}\n`, { mode: 0o600 });

const USE = [
  'setup secrets FOLDER [HOST...]',
  'setup database',
  'setup kubernetes-secrets INSTALLATION FOLDER [HOST...]',
  'setup kubernetes-relay-keys API EMAIL CLUSTER=SECRET...',
  'setup reachable API TUNNEL...',
];

try {
  if (verb === 'secrets' && rest[0]) await secrets(path.resolve(rest[0]), rest.slice(1));
  else if (verb === 'database') await database();
  else if (verb === 'kubernetes-secrets' && rest[1]) await kubernetesSecrets(rest[0], path.resolve(rest[1]), rest.slice(2));
  else if (verb === 'kubernetes-relay-keys' && rest[2]) await kubernetesRelayKeys(rest[0], rest[1], rest.slice(2));
  else if (verb === 'reachable' && rest[0]) await reachable(rest[0], rest.slice(1));
  else {
    console.error(`use: ${USE.join(' | ')}`);
    process.exitCode = 2;
  }
} catch (error) {
  console.error(`setup ${verb}: ${error.message || error.code || error}`);
  process.exitCode = 1;
}

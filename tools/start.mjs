// `npm start`: compiles what changed and runs the whole system on embedded PostgreSQL and NATS until Ctrl-C.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { drainSeconds, onEnd } from './end-signals.mjs';
import { readOptions } from './read-options.mjs';

readOptions(
  'start',
  'Usage: npm start    the whole system, until Ctrl-C; its settings are environment variables (docs/configuration.md)',
);
let installation;
let starting;
const stopping = new AbortController();
let home;
const say = (line) => process.stdout.write(`${line}\n`);

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
const { defaultHome, FIRST_ADMIN_EMAIL, Installation, StartError } = await import('@sluice/embedded');
const { nodeRuntime } = await import('@sluice/process');
const given = (url) => url && (async () => ({ url, stop: async () => undefined }));

function port(name, preset) {
  const text = process.env[name] || String(preset);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65535)
    throw new StartError(`${name} is a port from 1 to 65535 (it is "${text}")`);
  return value;
}

function drain() {
  try {
    return drainSeconds();
  } catch (error) {
    throw new StartError(error.message);
  }
}

function bytes(name) {
  const text = process.env[name];
  if (!text) return undefined;
  if (!/^\d{3,12}$/.test(text)) throw new StartError(`${name} is a number of bytes of at least 100 (it is "${text}")`);
  return Number(text);
}

async function stop(why) {
  say(`\n${why}: stopping ...`);
  stopping.abort();
  await starting?.catch(() => undefined);
  try {
    await installation?.stop();
  } catch (error) {
    process.stderr.write(`sluice: it could not stop in order: ${error.message}\n`);
    process.exit(1);
  }
  say('Sluice has stopped.');
  process.exit(0);
}

async function start() {
  home = path.resolve(process.env.SLUICE_HOME || defaultHome(root));
  const runtime = nodeRuntime(process.env.SLUICE_NODE);
  say(`Starting Sluice in ${home}, its services on Node ${runtime.version} ...`);
  installation = await Installation.start({
    root,
    home,
    httpPort: port('SLUICE_HTTP_PORT', 8080),
    tunnelPort: port('SLUICE_TUNNEL_PORT', 8443),
    postgres: given(process.env.DATABASE_URL) || undefined,
    nats: given(process.env.NATS_URL) || undefined,
    natsBinary: process.env.NATS_SERVER_BIN || undefined,
    restart: true,
    runtime,
    drainSeconds: drain(),
    signal: stopping.signal,
    logBytes: bytes('SLUICE_LOG_BYTES'),
    say,
  });
}

onEnd(
  (why) => void stop(why),
  () => {
    say('Ending the sessions that still run ...');
    installation?.hurry();
  },
);
starting = start();
try {
  await starting;
  const near = path.relative(process.cwd(), installation.adminPasswordFile);
  const password = near.startsWith('..') ? installation.adminPasswordFile : near;
  say(`
Sign in:     npx sluice login --server ${installation.url} --email ${FIRST_ADMIN_EMAIL} --password-file ${password}
Add a server: npx sluice admin servers add tcp my-db --hostname 127.0.0.1 --port 5432
Let yourself in: npx sluice admin roles add everyone && npx sluice admin roles grant everyone my-db && npx sluice admin roles assign everyone ${FIRST_ADMIN_EMAIL}
Connect:     npx sluice connect my-db
Look:        npx sluice status; npx sluice audit sessions
One more relay: npx sluice admin nodes create-token --name relay-2, then SLUICE_ENROLMENT_TOKEN=... npm run relay -- --name relay-2
Logs are in ${path.join(home, 'logs')}. Ctrl-C stops everything.
`);
  say(`Sluice is ready: ${installation.url}`);
} catch (error) {
  if (!stopping.signal.aborted) {
    process.stderr.write(
      `${error instanceof StartError ? `sluice: ${error.message}` : `sluice: it could not start: ${error?.message ?? error}.${home ? ` Logs are in ${path.join(home, 'logs')}` : ''}`}\n`,
    );
    process.exit(1);
  }
}

// `npm start`: compiles what changed and runs the complete system on embedded PostgreSQL and NATS until Ctrl-C.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { onEnd } from './end-signals.mjs';
import { readOptions } from './read-options.mjs';

readOptions(
  'start',
  'Usage: npm start    the complete system, until Ctrl-C; its settings are environment variables (docs/configuration.md)',
);
let installation;
let starting;
const stopping = new AbortController();
let home;
const say = (line) => process.stdout.write(`${line}\n`);

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
const { defaultHome, FIRST_ADMIN_EMAIL, Installation, readStartSettings, StartError } = await import('@sluice/embedded');
const { ConfigError, nodeRuntime } = await import('@sluice/process');
/** A server that is already running. */
const server = (url) => url && (async () => ({ url, stop: async () => undefined }));

async function stop(why) {
  say(`\n${why}: stopping ...`);
  stopping.abort();
  await starting?.catch(() => undefined);
  try {
    await installation?.stop();
  } catch (error) {
    process.stderr.write(`sluice: the stop failed: ${error.message}\n`);
    process.exit(1);
  }
  say('Sluice has stopped.');
  process.exit(0);
}

async function start() {
  const given = readStartSettings(process.env);
  home = given.SLUICE_HOME ?? defaultHome(root);
  const runtime = nodeRuntime(given.SLUICE_NODE);
  say(`Starting Sluice in ${home}, its services on Node ${runtime.version} ...`);
  installation = await Installation.start({
    root,
    home,
    httpPort: given.SLUICE_HTTP_PORT,
    tunnelPort: given.SLUICE_TUNNEL_PORT,
    postgres: server(given.DATABASE_URL),
    nats: server(given.NATS_URL),
    natsBinary: given.NATS_SERVER_BIN,
    restart: true,
    runtime,
    drainSeconds: given.SLUICE_DRAIN_SECONDS,
    egress: { allow: given.SLUICE_EGRESS_ALLOW, deny: given.SLUICE_EGRESS_DENY },
    signal: stopping.signal,
    logBytes: given.SLUICE_LOG_BYTES,
    say,
  });
}

onEnd(
  (why) => void stop(why),
  () => {
    say('Ending the sessions that are still running ...');
    installation?.hurry();
  },
);
starting = start();
try {
  await starting;
  const near = path.relative(process.cwd(), installation.adminPasswordFile);
  const password = near.startsWith('..') ? installation.adminPasswordFile : near;
  say(`
In a browser: open ${installation.url}, the console, and sign in as ${FIRST_ADMIN_EMAIL} with the password in ${password}. In a terminal:

  Sign in           npx sluice login --server ${installation.url} --email ${FIRST_ADMIN_EMAIL} --password-file ${password}
  Add a server      npx sluice admin servers add tcp my-db --hostname 127.0.0.1 --port 5432
  Grant yourself    npx sluice admin roles add everyone
  access            npx sluice admin roles grant everyone my-db
                    npx sluice admin roles assign everyone ${FIRST_ADMIN_EMAIL}
  Connect           npx sluice connect my-db        # starts your agent in the background
  Look around       npx sluice status
                    npx sluice audit sessions
  Add a relay       npx sluice admin nodes create-token --name relay-2
                    SLUICE_ENROLMENT_TOKEN=... npm run relay -- --name relay-2
  Stop your agent   npx sluice agent stop

Logs are in ${path.join(home, 'logs')}. Ctrl-C stops Sluice; an agent that \`sluice connect\` has started is yours, and runs until you stop it.
`);
  say(`Sluice is ready: ${installation.url}`);
} catch (error) {
  if (!stopping.signal.aborted) {
    const isOurs = error instanceof StartError || error instanceof ConfigError;
    const where = home ? `. Logs are in ${path.join(home, 'logs')}` : '';
    process.stderr.write(`sluice: ${isOurs ? error.message : `it could not start: ${error?.message ?? error}${where}`}\n`);
    process.exit(error instanceof ConfigError ? 2 : (error?.exitStatus ?? 1));
  }
}

// `npm run relay -- --name relay-2`: one more relay beside an installation started with `npm start`, until Ctrl-C.
// It enrols the first time with SLUICE_ENROLMENT_TOKEN (`npx sluice admin nodes create-token`), and needs none afterwards.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { drainSeconds, onEnd } from './end-signals.mjs';
import { readOptions } from './read-options.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const USAGE =
  'Usage: npm run relay -- [--name NAME]    one more relay beside `npm start`, until Ctrl-C (NAME: relay-2 unless given)';
const values = readOptions('relay', USAGE, { name: { type: 'string', default: 'relay-2' } });
if (!/^[\w-]{1,60}$/.test(values.name)) {
  console.error(`relay: --name has letters, digits, - and _ only (it is "${values.name}")`);
  process.exit(2);
}
await build();
const { checkHome, countLiveSessions, defaultHome, waitingLine } = await import('@sluice/embedded');
const { nodeRuntime } = await import('@sluice/process');
let home;
let waitSeconds;
try {
  waitSeconds = drainSeconds();
  home = path.resolve(process.env.SLUICE_HOME || defaultHome(root));
  checkHome(home);
} catch (error) {
  console.error(`relay: ${error.message}`);
  process.exit(1);
}
const relayHome = path.join(home, 'relays', values.name);
if (!process.env.SLUICE_ENROLMENT_TOKEN && !existsSync(path.join(relayHome, 'identity.json'))) {
  console.error(
    'relay: not enrolled yet. Run `npx sluice admin nodes create-token --name ' +
      values.name +
      '` and set SLUICE_ENROLMENT_TOKEN to the token.',
  );
  process.exit(1);
}
const preset = { SLUICE_JOURNAL: 'persistent', SLUICE_EGRESS_ALLOW: '0.0.0.0/0,::/0' };
const env = { ...preset, ...process.env, SLUICE_RELAY_HOME: relayHome };
const runtime = nodeRuntime(process.env.SLUICE_NODE);
console.log(`relay ${values.name} runs on Node ${runtime.version}`);
const child = spawn(runtime.file, [path.join(root, 'apps/relay/bundle/main.js')], {
  env,
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  detached: true, // Ctrl-C is for us, and we pass it on
});

let stopping = false;
let operationsPort;
child.once('message', (announcement) => (operationsPort = announcement.operationsPort));
onEnd(
  (why) => {
    stopping = true;
    console.log(`\n${why}: stopping ...`);
    child.kill('SIGTERM');
    setTimeout(async () => {
      const sessions = operationsPort === undefined ? 0 : await countLiveSessions([operationsPort]);
      if (sessions > 0) console.log(waitingLine(sessions, waitSeconds));
    }, 500).unref();
  },
  () => {
    console.log('Ending the sessions that still run ...');
    child.kill('SIGTERM');
  },
);

/** What its exit statuses mean that are not a mistake in how it was started: docs/configuration.md. */
const MEANING = {
  74: 'its journal can no longer be written. Start it again: it closes what was open',
  77: 'it was deleted. To have it back, enrol it in an empty home',
};
child.once('error', (error) => {
  console.error(`relay: it could not be started: ${error.message}`);
  process.exit(1);
});
child.once('exit', (code, signal) => {
  const name = `relay ${values.name}`;
  if (code === 0) console.log(`${name} has stopped.`);
  else if (signal !== null)
    console.error(`${name} was killed (${signal})${stopping ? '' : '. Start it again: it closes what was open'}.`);
  else console.error(`${name} ended with status ${code}: ${MEANING[code] ?? 'the lines above say why'}.`);
  process.exit(code ?? 1);
});

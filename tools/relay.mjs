// `npm run relay -- --name relay-2`: another relay for an installation started with `npm start`, until Ctrl-C.
// It enrols the first time with SLUICE_ENROLMENT_TOKEN (`npx sluice admin nodes create-token`), which it does not need afterwards.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { onEnd } from './end-signals.mjs';
import { readOptions } from './read-options.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const USAGE = `Usage: npm run relay -- [--name NAME]    another relay for \`npm start\`, until Ctrl-C

NAME is the folder of its identity and journal, relay-2 unless it is given. A relay that enrols with a token has the name of
the token, so give that; one that enrols with the key of a proxy cluster has NAME, or is given a name of its own without it.`;
const { name: given } = readOptions('relay', USAGE, { name: { type: 'string' } });
const name = given ?? 'relay-2';
await build();
const { countLiveSessions, defaultHome, readSideSettings, waitingLine } = await import('@sluice/embedded');
const { parseNodeName } = await import('@sluice/domain');
const { nodeRuntime } = await import('@sluice/process');

function refuse(why, status) {
  console.error(`relay: ${why}`);
  process.exit(status);
}

const parsed = parseNodeName(name);
if (!parsed.ok) refuse(`${parsed.refusal.message} (--name is "${name}")`, 2);
let home;
let waitSeconds;
try {
  const settings = readSideSettings(process.env);
  waitSeconds = settings.SLUICE_DRAIN_SECONDS;
  home = settings.SLUICE_HOME ?? defaultHome(root);
} catch (error) {
  refuse(error.message, 2);
}
const relayHome = path.join(home, 'relays', name);
const isEnrolled = existsSync(path.join(relayHome, 'identity.json'));
if (!isEnrolled && !process.env.SLUICE_ENROLMENT_TOKEN && !process.env.SLUICE_ENROLMENT_TOKEN_FILE)
  refuse(
    `not enrolled yet. Run \`npx sluice admin nodes create-token --name ${name}\` and set SLUICE_ENROLMENT_TOKEN to the token.`,
    2,
  );
const preset = {
  SLUICE_JOURNAL: 'persistent',
  SLUICE_EGRESS_ALLOW: '0.0.0.0/0,::/0',
  SLUICE_PROFILE_FOLDER: path.join(home, 'profiles'),
};
const named = given === undefined ? {} : { SLUICE_RELAY_NAME: name };
const env = { ...preset, ...named, ...process.env, SLUICE_RELAY_HOME: relayHome };
const runtime = nodeRuntime(process.env.SLUICE_NODE);
const logFile = path.join(home, 'logs', `relay-${name}.log`);
let log;
try {
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  log = openSync(logFile, 'a', 0o600);
} catch (error) {
  refuse(`its log cannot be written: ${error.message}`, 2);
}
console.log(`relay ${name} starts on Node ${runtime.version}. Its log: ${logFile}`);
const child = spawn(runtime.file, [path.join(root, 'apps/relay/bundle/main.js')], {
  env,
  stdio: ['ignore', log, 'inherit', 'ipc'],
  detached: true, // Ctrl-C is for this process, which forwards it
});
closeSync(log); // the relay has its own

/** How long a start may be silent, in milliseconds. */
const QUIET_MS = 5000;
let stopping = false;
let operationsPort;
const waiting = setTimeout(() => console.log(`relay ${name} is not ready yet; its log says why ...`), QUIET_MS);
child.once('message', (announcement) => {
  clearTimeout(waiting);
  operationsPort = announcement.operationsPort;
  console.log(`relay ${announcement.name} is running.`);
});
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
    console.log('Ending the sessions that are still running ...');
    child.kill('SIGTERM');
  },
);

/** The meaning of its exit statuses, except those of wrong usage: docs/configuration.md. */
const MEANING = {
  74: 'its journal can no longer be written. Start it again: it closes what was open',
  77: 'it was deleted, or its certificate is of an authority that was retired; its log says which. To have it back, delete the node and enrol it in an empty home',
};
child.once('error', (error) => refuse(`it could not be started: ${error.message}`, 1));
child.once('exit', (code, signal) => {
  clearTimeout(waiting);
  const who = `relay ${name}`;
  if (code === 0) console.log(`${who} has stopped.`);
  else if (signal !== null)
    console.error(`${who} was killed (${signal})${stopping ? '' : '. Start it again: it closes what was open'}.`);
  else if (MEANING[code] !== undefined) console.error(`${who} ended with status ${code}: ${MEANING[code]}.`);
  else if (operationsPort !== undefined) console.error(`${who} ended with status ${code}. Its log: ${logFile}`);
  process.exit(code ?? 1); // a relay that did not start has reported the reason
});

// `npm run relay -- --name relay-2`: one more relay beside an installation started with `npm start`, until Ctrl-C.
// It enrols the first time with SLUICE_ENROLMENT_TOKEN (`npx sluice admin nodes create-token`), and needs none afterwards.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from './compile.mjs';

// npm does not always hand signals on: when what started us is gone, the relay drains and ends
const parent = process.ppid;
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
let values;
try {
  ({ values } = parseArgs({ options: { name: { type: 'string', default: 'relay-2' } } }));
} catch (error) {
  console.error(`relay: ${error.message}`);
  process.exit(2);
}
if (!/^[\w-]{1,60}$/.test(values.name)) {
  console.error(`relay: --name has letters, digits, - and _ only (it is "${values.name}")`);
  process.exit(2);
}
await compile();
const { checkHome, defaultHome } = await import('@sluice/embedded');
const { nodeRuntime } = await import('@sluice/process');
let home;
try {
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
const preset = { SLUICE_JOURNAL: 'kept', SLUICE_EGRESS_ALLOW: '0.0.0.0/0,::/0' };
const env = { ...preset, ...process.env, SLUICE_RELAY_HOME: relayHome };
const runtime = nodeRuntime(process.env.SLUICE_NODE);
console.log(`relay ${values.name} runs on Node ${runtime.version}`);
const child = spawn(runtime.file, [path.join(root, 'apps/relay/dist/main.js')], {
  env,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'));
if (process.env.npm_lifecycle_event !== undefined)
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
child.once('error', (error) => {
  console.error(`relay: it could not be started: ${error.message}`);
  process.exit(1);
});
child.once('exit', (code) => process.exit(code ?? 1));

// `npm run chaos [-- --seconds N --seed S]`: connections of all kinds while every process is killed at random moments; then each
// record is compared with its own connection as plain sockets counted it. Exits with a status other than 0 if one is wrong.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } });
for (const [name, value] of Object.entries(values)) {
  if (!/^\d+$/.test(value)) {
    console.error(`--${name} takes a whole number`);
    process.exit(2);
  }
}
await build();
const env = { ...process.env, SLUICE_CHAOS_SECONDS: values.seconds };
if (values.seed !== undefined) env.SLUICE_CHAOS_SEED = values.seed;
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', 'e2e/src/chaos/chaos.spec.ts'];
const child = spawn(process.execPath, args, { stdio: 'inherit', env });
child.once('exit', (code) => (process.exitCode = code ?? 1));

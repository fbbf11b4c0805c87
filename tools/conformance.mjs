// `npm run conformance [-- --long]`: compares all kinds of TCP connections made directly, through the gateway, and through a relay
// with a listening address; writes docs/conformance.md. The long cases take most of an hour.
import { spawn } from 'node:child_process';
import { build } from './build.mjs';

await build();
const env = { ...process.env, SLUICE_CONFORMANCE_REPORT: 'docs/conformance.md', SLUICE_TEST_STORES: 'embedded' };
if (process.argv.includes('--long')) env.SLUICE_CONFORMANCE_LONG = '1';
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', 'e2e/src/conformance.spec.ts'];
const child = spawn(process.execPath, args, { stdio: 'inherit', env });
child.once('exit', (code) => (process.exitCode = code ?? 1));

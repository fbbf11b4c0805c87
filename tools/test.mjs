// `npm test`: compiles, then runs every test. Arguments go to vitest (`npm test -- --project unit`).
import { spawn } from 'node:child_process';
import { compile } from './compile.mjs';

await compile();
const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
child.once('exit', (code) => (process.exitCode = code ?? 1));

// `npm test`: builds, then runs every test. Arguments go to vitest (`npm test -- --project unit`, which needs no bundle).
import { spawn } from 'node:child_process';
import { build } from './build.mjs';
import { compile } from './compile.mjs';

const onlyUnit = /--project[ =]unit/.test(process.argv.join(' ')) && !/--project[ =](?!unit)/.test(process.argv.join(' '));
await (onlyUnit ? compile() : build());
const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
child.once('exit', (code) => (process.exitCode = code ?? 1));

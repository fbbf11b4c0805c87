// `npm run check`: all checks that must pass before a change is merged: format, workspace, types, lint, tests.
import { spawnSync } from 'node:child_process';

const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
const steps = [
  ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  ['workspace', ['node_modules/nx/dist/bin/nx.js', 'sync:check']],
  ['types', ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'typecheck', '--outputStyle=static']],
  ['lint', ['node_modules/eslint/bin/eslint.js', '.']],
  ['tests', ['tools/test.mjs', ...process.argv.slice(2)]],
];
for (const [name, args] of steps) {
  const started = Date.now();
  const quiet = name !== 'tests';
  const run = spawnSync(process.execPath, args, { env, stdio: quiet ? 'pipe' : 'inherit', encoding: 'utf8' });
  const said = `${run.stdout ?? ''}${run.stderr ?? ''}`;
  // without its project graph the rule on module boundaries is skipped, and eslint still ends with 0
  const skipped = name === 'lint' && /No cached ProjectGraph/i.test(said);
  const failed = run.status !== 0 || skipped;
  // the tests print a summary, which is to be the last line
  if (failed || quiet) console.log(`${failed ? 'FAILED' : 'ok    '} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (failed) {
    if (quiet) console.log(said);
    process.exit(1);
  }
}

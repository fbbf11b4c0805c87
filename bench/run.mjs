// `npm run bench`: runs Sluice and its peers in turn on this machine and prints ratios.
//   --quick            a minute or two in place of most of half an hour; no idle sessions
//   --node 20,24       Node versions: that of npm, and that of the packages (default: both)
//   --only PARTS       throughput,latency,rate,memory
//   --ways WAYS        sluice,direct,haproxy,ssh,stunnel,pipe,straight (default: all of these), native,native-direct (bench/prototype)
//   --write            keep the results: docs/performance.json, the tables in docs/performance.md, docs/performance.svg
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../tools/build.mjs';
import { plot, tables } from './report.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    node: { type: 'string' },
    only: { type: 'string' },
    ways: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** One set of measurements under one Node. */
function measure(program) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-results-'));
  const file = path.join(folder, 'result.json');
  const given = [
    ...(options.quick ? ['--quick'] : []),
    ...['only', 'ways'].flatMap((name) => (options[name] ? [`--${name}`, options[name]] : [])),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [path.join(root, 'bench', 'measure.mjs'), file, ...given], {
      stdio: 'inherit',
      cwd: root,
      env: { ...process.env, SLUICE_NODE: program },
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal)); // it has more to end than itself
    child.once('exit', (code) => {
      try {
        if (code !== 0) throw new Error(`the measurements ended with ${code}`);
        resolve(JSON.parse(readFileSync(file, 'utf8')));
      } catch (error) {
        reject(error);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

/** @returns nothing: the bench ends */
function giveUp(error) {
  console.error(error.message);
  process.exit(1);
}

await build();
const { nodeRuntime } = await import('@sluice/process');
const programs = new Map(
  [process.env.npm_node_execpath, process.execPath, nodeRuntime(undefined).file].filter(Boolean).map((file) => {
    const { version } = nodeRuntime(file);
    return [version.split('.')[0], { file, version }];
  }),
);
const majors = options.node?.split(',') ?? [...programs.keys()];
const kept = path.join(root, 'docs', 'performance.json');
const results = existsSync(kept) && options.write ? JSON.parse(readFileSync(kept, 'utf8')) : {};
for (const major of majors) {
  const program =
    programs.get(major) ?? giveUp(new Error(`--node ${major}: here are ${[...programs.keys()].join(' and ')} only`));
  console.error(`Node ${program.version}`);
  results[`Node ${major}`] = { ...results[`Node ${major}`], ...(await measure(program.file).catch(giveUp)) };
}
const text = tables(results);
console.log(text);
if (options.write) {
  writeFileSync(kept, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(path.join(root, 'docs', 'performance.svg'), plot(results));
  const page = path.join(root, 'docs', 'performance.md');
  const [before, , after] = readFileSync(page, 'utf8').split(/<!-- (?:results|end of results) -->\n/);
  writeFileSync(page, `${before}<!-- results -->\n${text}\n<!-- end of results -->\n${after}`);
}

// Measures Sluice and its peers in turn on this machine, under the Node that runs this file. Writes JSON to the file given.
//   node measure.mjs OUT.json [--quick] [--only throughput,latency,rate,memory] [--ways sluice,haproxy,...]
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '@sluice/embedded';
import { haproxyPair, native, nodePipe, sshForward, straight, stunnelPair } from './peers.mjs';
import { cpuSeconds, disturbances, has, listening, memory, run, start, stop, stopAll, undisturbed } from './processes.mjs';
import { sluice } from './sluice.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, ways: { type: 'string' } },
});
const quick = options.quick;
const wanted = (part) => options.only === undefined || options.only.split(',').includes(part);
const say = (line) => process.stderr.write(`${line}\n`);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const MAKERS = {
  sluice: (targets) => sluice(targets, { direct: false }),
  direct: (targets) => sluice(targets, { direct: true }),
  haproxy: haproxyPair,
  ssh: sshForward,
  stunnel: stunnelPair,
  pipe: nodePipe,
  straight,
  native: (targets, folder) => native(targets, folder, { direct: false }),
  'native-direct': (targets, folder) => native(targets, folder, { direct: true }),
};
/** Ways that are measured only when they are asked for. */
const ON_REQUEST = ['native', 'native-direct'];

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-peers-'));
const generator = buildGenerator();
const load = (...args) => run(generator[0], [...generator.slice(1), ...args.map(String)]).then(JSON.parse);
const ways = [];
const outside = () => ways.flatMap((way) => way.outside ?? []);
let status = 0;
const interrupted = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
});
try {
  await Promise.race([measureAll(), interrupted]);
} catch (error) {
  say(`the bench ended: ${error.message}`);
  status = 1;
} finally {
  await Promise.all(ways.map((way) => way.stop()));
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);

/** Brings up the ways one after the other, then measures them in turn. */
async function measureAll() {
  if (!has('iperf3')) throw new Error('iperf3 is not installed (Debian: apt-get install iperf3)');
  for (const [key, make] of Object.entries(MAKERS)) {
    if (options.ways === undefined ? ON_REQUEST.includes(key) : !options.ways.split(',').includes(key)) continue;
    const way = await make(await targets(), mkdtempSync(path.join(folder, `${key}-`)));
    if (way) ways.push(way);
    else say(`skipped: ${key} is not installed`);
  }
  const result = { machine: machine(), fdatasyncUs: fdatasync() };
  if (wanted('throughput')) result.throughput = await throughput();
  if (wanted('latency')) result.latency = await latency();
  if (wanted('rate')) result.rate = await rate();
  if (wanted('memory') && !quick) result.memory = await idleSessions();
  result.samples = { kept: disturbances.length, disturbed: disturbances.filter((much) => much > 1).length };
  for (const way of ways) if (way.gateways) result[`${way.name} went through a gateway`] = [...(await way.gateways())];
  writeFileSync(positionals[0], `${JSON.stringify(result, null, 2)}\n`);
}

/** The generator in C where a compiler is, for it costs next to nothing; Node's otherwise. */
function buildGenerator() {
  const program = path.join(folder, 'load');
  if (!has('cc')) return [process.execPath, path.join(here, 'load.mjs')];
  execFileSync('cc', ['-O2', '-o', program, path.join(here, 'load.c')]);
  return [program];
}

/** Each way has services of its own at its far end, so that none waits for another's. */
async function targets() {
  const bulk = await freePort();
  start('iperf3', ['-s', '-B', '127.0.0.1', '-p', String(bulk)]);
  const child = start(generator[0], [...generator.slice(1), 'serve']);
  const echo = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
  await listening(bulk);
  await sleep(300);
  return { bulk, echo };
}

/** One and eight streams, both directions: GB/s, and CPU seconds per GB of each process. Rounds are interleaved. */
async function throughput() {
  const seconds = quick ? 2 : 3;
  const rounds = quick ? 3 : 5;
  const kinds = { up: [], down: ['-R'], 'up, 8 streams': ['-P', '8'], 'down, 8 streams': ['-R', '-P', '8'] };
  const samples = new Map(ways.map((way) => [way.name, Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]))]));
  for (let round = 0; round < rounds; round++) {
    for (const [kind, args] of Object.entries(kinds)) {
      for (const way of ways) {
        const sample = await undisturbed(outside(), () => bulk(way, seconds, args));
        if (sample) samples.get(way.name)[kind].push(sample);
        await sleep(400);
      }
    }
    say(`throughput: round ${round + 1} of ${rounds}`);
  }
  const summary = (list) => ({
    gigabytesPerSecond: median(list.map((sample) => sample.rate)),
    cpuSecondsPerGigabyte: Object.fromEntries(
      Object.keys(list[0]?.cpu ?? {}).map((label) => [label, median(list.map((sample) => sample.cpu[label]))]),
    ),
    runs: list.length,
  });
  return Object.fromEntries(
    [...samples].map(([name, kindsOf]) => [
      name,
      Object.fromEntries(Object.entries(kindsOf).map(([kind, list]) => [kind, summary(list)])),
    ]),
  );
}

async function bulk(way, seconds, args) {
  const before = Object.entries(way.processes).map(([label, pid]) => [label, pid, cpuSeconds(pid)]);
  let answer;
  try {
    answer = JSON.parse(await run('iperf3', ['-c', '127.0.0.1', '-p', String(way.bulk), '-t', String(seconds), '-J', ...args]));
  } catch (error) {
    say(`left out: iperf3 through ${way.name}: ${error.message.slice(0, 200)}`);
    return undefined;
  }
  const bytes = answer.end.sum_received.bytes;
  const cpu = Object.fromEntries(before.map(([label, pid, was]) => [label, ((cpuSeconds(pid) - was) / bytes) * 1e9]));
  return { rate: answer.end.sum_received.bits_per_second / 8e9, cpu };
}

/**
 * New sessions and echoes, microseconds, medians of interleaved sets after a warm-up. Echoes come before the sessions of a
 * set: while the records of hundreds of sessions are stored, an echo would measure that.
 */
async function latency() {
  const sets = quick ? 3 : 7;
  const count = quick ? 300 : 1000;
  const samples = new Map(ways.map((way) => [way.name, { session: [], spaced: [], cold: [], echo: [] }]));
  for (const way of ways) {
    await load('sessions', way.echo, quick ? 500 : 2000);
    await load('echo', way.echo, 5000);
  }
  for (let set = 0; set < sets; set++) {
    await sleep(3000); // for the records of the sessions before
    for (const way of ways)
      samples.get(way.name).echo.push(await undisturbed(outside(), () => load('echo', way.echo, count * 3)));
    for (const way of ways) {
      const own = samples.get(way.name);
      own.session.push(await undisturbed(outside(), () => load('sessions', way.echo, count)));
      own.spaced.push(await undisturbed(outside(), () => load('sessions', way.echo, count / 5, 3)));
      own.cold.push(await undisturbed(outside(), () => load('cold', way.echo, 100)));
      await sleep(300);
    }
    say(`latency: set ${set + 1} of ${sets}`);
  }
  const summary = (list) => ({ p50: median(list.map((one) => one.p50)), p99: median(list.map((one) => one.p99)) });
  return Object.fromEntries(
    [...samples].map(([name, own]) => [
      name,
      Object.fromEntries(Object.entries(own).map(([kind, list]) => [kind, summary(list)])),
    ]),
  );
}

/** New sessions a second, eight and thirty-two at once, and CPU milliseconds a session of each process, until it is recorded. */
async function rate() {
  const seconds = quick ? 2 : 4;
  const found = new Map(ways.map((way) => [way.name, []]));
  for (let set = 0; set < (quick ? 3 : 5); set++) {
    for (const way of ways) {
      const wide = await undisturbed(outside(), () => load('rate', way.echo, seconds, 32));
      await way.settled?.();
      found.get(way.name).push({ ...(await undisturbed(outside(), () => rateOf(way, seconds))), wide });
    }
    say(`rate: set ${set + 1}`);
  }
  const labels = (list, kind) => Object.keys(list[0][kind]);
  const medians = (list, kind) =>
    Object.fromEntries(labels(list, kind).map((label) => [label, median(list.map((one) => one[kind][label]))]));
  return Object.fromEntries(
    [...found].map(([name, list]) => [
      name,
      {
        perSecond: median(list.map((one) => one.perSecond)),
        perSecondOf32: median(list.map((one) => one.wide.perSecond)),
        failed: list.reduce((sum, one) => sum + one.failed + one.wide.failed, 0),
        cpuMilliseconds: medians(list, 'cpu'),
        behindMilliseconds: medians(list, 'behind'),
      },
    ]),
  );
}

async function rateOf(way, seconds) {
  const counted = (processes) => Object.entries(processes ?? {}).map(([label, pid]) => [label, pid, cpuSeconds(pid)]);
  const [carrying, behind] = [counted(way.processes), counted(way.behind)];
  const { perSecond, done, failed } = await load('rate', way.echo, seconds, 8);
  await way.settled?.();
  const spent = (before) =>
    Object.fromEntries(before.map(([label, pid, was]) => [label, ((cpuSeconds(pid) - was) / done) * 1000]));
  return { perSecond, failed, cpu: spent(carrying), behind: spent(behind) };
}

/** How many files a process of this user may have open. */
function openFiles() {
  return Number(execFileSync('sh', ['-c', 'ulimit -n']).toString().replace('unlimited', '1000000'));
}

/** Resident memory per idle session: that of the most less that of 1,000; and what one more session costs beside them. */
async function idleSessions() {
  const steps = openFiles() >= 21_000 ? [1000, 4000, 5000] : [1000, 4000, 4000]; // a session is two sockets in each process
  const result = {};
  for (const way of ways.filter(({ processes }) => Object.keys(processes).length > 0)) {
    if (way.name === 'ssh -L') continue; // one connection has room for far fewer channels
    const holders = [];
    const seen = [];
    try {
      for (const step of steps) {
        const holder = spawn(process.execPath, [path.join(here, 'load.mjs'), 'hold', way.echo, step].map(String), {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        holders.push(holder);
        await new Promise((resolve, reject) => {
          holder.stdout.once('data', resolve);
          holder.once('exit', () => reject(new Error(`${step} sessions could not be opened`)));
        });
        await sleep(8000); // memory that was needed to open them is freed
        const live = steps.slice(0, seen.length + 1).reduce((a, b) => a + b);
        const rss = Object.fromEntries(Object.entries(way.processes).map(([label, pid]) => [label, memory(pid)]));
        const { p50, p99 } = await load('sessions', way.echo, 300);
        seen.push({ live, rss, session: { p50, p99 } });
        say(`memory: ${way.name}, ${live} sessions`);
      }
      const [first, last] = [seen[0], seen.at(-1)];
      result[way.name] = {
        kilobytesPerSession: Object.fromEntries(
          Object.keys(last.rss).map((label) => [label, (last.rss[label] - first.rss[label]) / (last.live - first.live) / 1024]),
        ),
        steps: seen,
      };
    } catch (error) {
      say(`left out: idle sessions of ${way.name}: ${error.message}`);
    } finally {
      for (const holder of holders) holder.stdin.destroy();
      await Promise.all(holders.map((holder) => stop(holder)));
      await sleep(3000);
    }
  }
  return result;
}

/** What one durable write costs here, p50 in microseconds: the floor under every new session whose journal is on. */
function fdatasync() {
  const file = path.join(folder, 'fdatasync');
  const fd = openSync(file, 'w');
  const took = [];
  for (let i = 0; i < 300; i++) {
    const from = process.hrtime.bigint();
    writeSync(fd, Buffer.alloc(500, i));
    fdatasyncSync(fd);
    took.push(Number(process.hrtime.bigint() - from) / 1000);
  }
  closeSync(fd);
  return median(took);
}

function machine() {
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    kernel: release(),
    memoryGiB: Math.round(Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'latin1'))[1]) / 1048576),
    node: process.version,
    openssl: process.versions.openssl,
    peers: [...new Set(ways.map((way) => way.name))],
    haproxy: has('haproxy') ? execFileSync('haproxy', ['-v']).toString().split('\n')[0].split(' ')[2] : 'absent',
    at: new Date().toISOString(),
  };
}

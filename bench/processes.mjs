// Processes of a bench: started, watched, ended by pid; their CPU time and memory as the kernel counts them.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK']));
const started = new Set();

/** Starts a program and ends it with the bench. Its words are kept in `child.words`. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  child.words = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => (child.words = (child.words + chunk).slice(-4000)));
  child.on('error', () => undefined);
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

/** Ends a program and waits for its end. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}

/** Ends whatever is left. */
export const stopAll = () => Promise.all([...started].map(stop));

/** Runs a program to its end. @returns its standard output; @throws Error with its words */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options);
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${command}: ${child.words.trim()}`))));
  });
}

/** Whether a program is there. */
export function has(command) {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Waits until something listens. */
export async function listening(port) {
  for (let tries = 0; tries < 200; tries++) {
    const there = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false));
    });
    if (there) return;
    await sleep(50);
  }
  throw new Error(`nothing listens at port ${port}`);
}

/** A process and all that it started. */
function family(pid) {
  const children = new Map();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // gone
    }
  }
  const all = [pid];
  for (const one of all) all.push(...(children.get(one) ?? []));
  return all;
}

/** CPU time of a process, in seconds: its own, and with `ended` that of children that have ended. */
function processSeconds(pid, ended) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, ended ? 15 : 13);
    return fields.reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
  } catch {
    return 0; // gone
  }
}

/** CPU time of a process and all that it started, in seconds. */
export const cpuSeconds = (pid) => family(pid).reduce((sum, one) => sum + processSeconds(one, false), 0);

/** What all processors of the machine have done, in seconds: busy, and stolen by the host. */
function machineSeconds() {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
    .split('\n', 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  return { busy: user + nice + system + irq + softirq, steal };
}

/** Processors that something else than the bench, or the host, may use beside a sample that counts. */
const FOREIGN = 0.3;
const STOLEN = 0.12;
const TRIES = 6;

/**
 * Takes a sample while nothing else uses the machine: one that was disturbed is taken again, and the least disturbed of six kept.
 * @param pids whose CPU time belongs to the bench, besides this process and what it started
 */
export async function undisturbed(pids, sample) {
  const started = () => family(process.pid).reduce((sum, pid) => sum + processSeconds(pid, true), 0);
  const ours = () => started() + pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  let best;
  for (let tries = 0; tries < TRIES; tries++) {
    const [from, machine, oursBefore] = [performance.now(), machineSeconds(), ours()];
    const value = await sample();
    const seconds = (performance.now() - from) / 1000;
    const { busy, steal } = machineSeconds();
    const foreign = (busy - machine.busy - (ours() - oursBefore)) / seconds;
    const stolen = (steal - machine.steal) / seconds;
    const disturbance = Math.max(foreign / FOREIGN, stolen / STOLEN);
    if (best === undefined || disturbance < best.disturbance) best = { value, disturbance };
    if (disturbance <= 1) break;
  }
  disturbances.push(best.disturbance);
  return best.value;
}

/** How disturbed the samples that were kept have been: more than 1 is more than should count. */
export const disturbances = [];

/** Resident memory of a process and all that it started, in bytes. */
export const memory = (pid) =>
  family(pid).reduce((sum, one) => {
    try {
      return sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'latin1'))?.[1] ?? 0) * 1024;
    } catch {
      return sum;
    }
  }, 0);

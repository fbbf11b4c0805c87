// Processes of a bench: started, watched, ended by pid; their CPU time and memory as the kernel counts them.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

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

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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

/** CPU time of a process and all that it started, in seconds. */
export const cpuSeconds = (pid) =>
  family(pid).reduce((sum, one) => {
    try {
      const stat = readFileSync(`/proc/${one}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      return sum;
    }
  }, 0);

/** Resident memory of a process and all that it started, in bytes. */
export const memory = (pid) =>
  family(pid).reduce((sum, one) => {
    try {
      return sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'latin1'))?.[1] ?? 0) * 1024;
    } catch {
      return sum;
    }
  }, 0);

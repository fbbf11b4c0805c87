import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const compiled = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A service whose `stop` is the given code, as a process that has started. */
async function serve(stop: string, hurry = 'undefined'): Promise<{ child: ChildProcess; log: () => string }> {
  const program = `
    import { runService } from ${JSON.stringify(compiled)};
    class Config { operations = { host: '127.0.0.1', port: 0 }; }
    await runService('example', Config, async () => ({ ready: () => ({ problems: [], degraded: [] }), stop: ${stop}, hurry: ${hurry}, stopWithinMs: 3000 }));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'message');
  return { child, log: () => said };
}

it('ends with 0 when it has stopped in order', async () => {
  const { child } = await serve('async () => undefined');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('names the service once in every line of its log', async () => {
  const { child, log } = await serve('async () => undefined');
  child.kill('SIGTERM');
  await once(child, 'close');
  const lines = log().trim().split('\n');
  expect(lines.map((line) => line.match(/"service":"example"/g)?.length)).toEqual(lines.map(() => 1));
  expect(log()).toMatch(/"operationsPort":\d+,"msg":"started"/);
});

it('exits with 1 and logs the reason when its stop never completes', async () => {
  const { child, log } = await serve('() => new Promise(() => setInterval(() => undefined, 1000))');
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(log()).toContain('could not stop in time');
});

it('stops when its parent process is gone', async () => {
  const { child } = await serve('async () => undefined');
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('is hurried by a second signal, but not by one signal that arrives twice', async () => {
  const waits = '() => new Promise((resolve) => (globalThis.go = resolve, setTimeout(() => process.send("stopping"), 550)))';
  const { child, log } = await serve(waits, '() => { console.log("hurried"); go(); }');
  child.kill('SIGINT');
  child.kill('SIGTERM');
  await once(child, 'message');
  expect(log()).not.toContain('hurried');
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(log()).toContain('hurried');
});

it('names the variable and the value of a log level that does not exist, without a stack trace', async () => {
  const program = `
    import { runService } from ${JSON.stringify(compiled)};
    await runService('example', class {}, async () => undefined);
  `;
  const env = { ...process.env, SLUICE_LOG_LEVEL: 'loud' };
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(said).toMatch(/^example: .*\n {2}SLUICE_LOG_LEVEL: is one of fatal, .*\(it is "loud"\)\n$/);
});

it('says in one sentence why it could not start, without a stack trace', async () => {
  const program = `
    import { runService } from ${JSON.stringify(compiled)};
    class Config { operations = { host: '127.0.0.1', port: 0 }; }
    await runService('example', Config, () => Promise.reject(new Error('the token was used already')));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said.err).toBe('example: the token was used already\n');
  expect(said.out).toContain('"why":"the token was used already"');
  expect(said.out).not.toContain('stack');
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { freePort } from '@sluice/embedded';
import { unwrap } from '@sluice/sdk';
import { testFolder, TestSystem } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried } from './carried.js';
import { echo, Resource } from './resource.js';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const home = testFolder('start');
let env: NodeJS.ProcessEnv;
const started: ChildProcess[] = [];

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** Runs `npm start`'s command as a person would. */
function start(more: NodeJS.ProcessEnv = {}): Started {
  return run(process.execPath, ['tools/start.mjs'], more);
}

function run(program: string, args: string[], more: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(program, args, { cwd: root, env: { ...env, ...more } });
  started.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

/** Waits until the output of a process contains a text. @throws Error if the process ends first */
async function printed({ child, output, ended }: Started, text: string): Promise<void> {
  const over = ended.then(() => Promise.reject(new Error(`it ended: ${output()}`)));
  over.catch(() => undefined); // it ends with the test
  while (!output().includes(text)) await Promise.race([once(child.stdout as Readable, 'data'), over]);
}

async function ready(of: Started): Promise<string> {
  await printed(of, 'Sluice is ready: ');
  const lines = of
    .output()
    .split('\n')
    .filter((text) => text.startsWith('Sluice is ready: '));
  expect(lines).toHaveLength(1);
  return (lines[0] as string).slice('Sluice is ready: '.length);
}

/** Processes that have this home in their command line or environment: also npm, services and relays. */
const leftovers = (): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      const read = (file: string) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
        } catch {
          return ''; // ended meanwhile, or somebody else's
        }
      };
      const line = read('cmdline');
      return line.includes(home) || read('environ').includes(home) ? [`${pid} ${line}`] : [];
    });

beforeAll(async () => {
  env = {
    ...process.env,
    SLUICE_HOME: home,
    SLUICE_HTTP_PORT: String(await freePort()),
    SLUICE_TUNNEL_PORT: String(await freePort()),
  };
});
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

it('starts, keeps secrets private, refuses a second start, survives a kill, and has all its state at the next start', async () => {
  const before = performance.now();
  const first = start({ SLUICE_EGRESS_DENY: '192.0.2.0/24' });
  const url = await ready(first);
  console.log(`first start: ${Math.round(performance.now() - before)} ms (compiled already)`);
  expect(url).toBe(`http://127.0.0.1:${env['SLUICE_HTTP_PORT']}`);
  expect(statSync(path.join(home, 'admin-password')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(home, 'secrets')).mode & 0o777).toBe(0o700);
  expect(first.output()).not.toContain(readFileSync(path.join(home, 'admin-password'), 'utf8').trim());
  const created = await TestSystem.use({ url, home, postgresUrl: '' });
  const server = await created.addServer(5432, { name: 'kept over starts' });
  const denied = await created.addServer(5432, { hostname: '192.0.2.1' });
  const healthOfDenied = () => created.admin.GET('/api/v1/servers/{id}', { params: { path: { id: denied.id } } });
  await expect
    .poll(async () => (await healthOfDenied()).data?.health.nodes[0]?.lastError, { timeout: 60_000 })
    .toContain('egress denied'); // the relay has what this start was given

  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Sluice is already running in ${home}`);

  first.child.kill('SIGKILL'); // the worst way to stop it: PostgreSQL and NATS keep running
  await first.ended;
  const again = performance.now();
  const third = start();
  const system = await TestSystem.use({ url: await ready(third), home, postgresUrl: '' });
  console.log(`start after a kill: ${Math.round(performance.now() - again)} ms`);
  const { data } = await system.admin.GET('/api/v1/servers', { params: { query: { name: 'KEPT over starts' } } });
  expect(data?.items.map((item) => item.id)).toEqual([server.id]);

  third.child.kill('SIGINT');
  expect(await third.ended).toBe(0);
  expect(third.output()).toContain('Sluice has stopped.');
  expect(leftovers()).toEqual([]);
}, 180_000);

it('says which port is taken, and what a home must be', async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as { port: number };
  const taken = start({ SLUICE_HTTP_PORT: String(port) });
  expect(await taken.ended).toBe(1);
  expect(taken.output()).toContain(`port ${port} is in use by another process: set SLUICE_HTTP_PORT`);
  squatter.close();
  const nowhere = start({ SLUICE_HOME: '/dev/null/sluice' });
  expect(await nowhere.ended).toBe(2);
  expect(nowhere.output()).toContain('the folder /dev/null/sluice (SLUICE_HOME) cannot be written');
  const kernels = start({ SLUICE_HOME: '/proc/x' });
  expect(await kernels.ended).toBe(2);
  expect(kernels.output()).toContain('the folder /proc/x (SLUICE_HOME) is on a file system of the kernel');
  const relay = run(process.execPath, ['tools/relay.mjs'], { SLUICE_HOME: '/proc/x', SLUICE_ENROLMENT_TOKEN: 'any' });
  expect(await relay.ended).toBe(2);
  expect(relay.output()).toContain('the folder /proc/x (SLUICE_HOME) is on a file system of the kernel');
  const token = run(process.execPath, ['tools/relay.mjs', '--name', 'no-relay'], { SLUICE_ENROLMENT_TOKEN: 'any' });
  expect(await token.ended).toBe(2);
  expect(token.output()).toContain('relay: SLUICE_ENROLMENT_TOKEN: this is not an enrolment token');
  expect(token.output()).not.toContain('{');
  const wrong = start({ SLUICE_TUNNEL_PORT: 'many', SLUICE_LOG_BYTES: 'few', SLUICE_HOME: '/proc/x' });
  expect(await wrong.ended).toBe(2);
  expect(wrong.output()).toContain('SLUICE_TUNNEL_PORT: is a port from 1 to 65535 (it is "many")');
  expect(wrong.output()).toContain('SLUICE_LOG_BYTES: is a number of bytes of at least 100 (it is "few")');
  expect(wrong.output()).toContain('SLUICE_HOME: ');
  const recover = run(process.execPath, ['tools/recover-admin.mjs', '--email', 'admin@sluice.local']);
  const before = performance.now();
  expect(await recover.ended).toBe(1);
  expect(performance.now() - before).toBeLessThan(15_000); // it waited for half a minute
  expect(recover.output()).toContain('Start the installation first, with `npm start`');
  for (const { output } of [taken, nowhere, kernels, relay, token, wrong, recover]) expect(output()).not.toMatch(/\n\s+at /);
  expect(leftovers()).toEqual([]);
}, 60_000);

it('restarts a service that died, and listeners of agents work again by themselves', async () => {
  const running = start();
  const system = await TestSystem.use({ url: await ready(running), home, postgresUrl: '' });
  const user = await system.addUser();
  const resource = await Resource.serve(echo);
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('x'));
      socket
        .once('data', () => resolve(true) as never)
        .on('error', () => resolve(false))
        .on('close', () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
  expect(await answers()).toBe(true);
  for (const service of ['gateway', 'relay']) {
    const pid = Number(
      readFileSync(path.join(home, 'logs', `${service}.log`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { pid: number })
        .at(-1)?.pid,
    );
    process.kill(pid, 'SIGKILL');
    const before = performance.now();
    await printed(running, `${service} is back.`);
    const back = performance.now();
    while (!(await answers())) expect(performance.now() - back).toBeLessThan(30_000);
    console.log(
      `${service} killed: back after ${Math.round(back - before)} ms, sessions work ${Math.round(performance.now() - back)} ms later`,
    );
    expect(running.output()).toContain(`${service} ended unexpectedly (SIGKILL)`);
  }
  resource.close();
  await user.leave();
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(leftovers()).toEqual([]);
}, 180_000);

it('restarts PostgreSQL and NATS when they are killed: a live session continues, and no record is missing', async () => {
  const running = start();
  const system = await TestSystem.use({ url: await ready(running), home, postgresUrl: '' });
  const user = await system.addUser();
  const resource = await Resource.serve(echo);
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const live = connect(port, '127.0.0.1');
  const say = async () => {
    const answer = once(live, 'data', { signal: AbortSignal.timeout(10_000) });
    live.write('x');
    await answer;
  };
  await say();
  let answered = 0;
  const untilAnswered = async () => {
    const deadline = Date.now() + 60_000;
    for (let done = false; !done;) {
      expect(Date.now()).toBeLessThan(deadline);
      const socket = connect(port, '127.0.0.1', () => socket.write('x'));
      done = await new Promise<boolean>((resolve) => {
        socket.once('data', () => resolve(true));
        socket.once('error', () => resolve(false)).once('close', () => resolve(false));
      });
      socket.destroy();
      if (done) answered++;
    }
  };
  await untilAnswered();
  for (const [name, file] of [
    ['PostgreSQL', 'postgres/pid'],
    ['NATS', 'nats/pid'],
  ] as const) {
    process.kill(Number.parseInt(readFileSync(path.join(home, file), 'utf8'), 10), 'SIGKILL');
    await untilAnswered(); // with the store away or just back: every connection that was answered has its record
    await printed(running, `${name} is back.`);
    expect(running.output()).toContain(`${name} ended unexpectedly (SIGKILL)`);
    await say();
    await untilAnswered();
  }
  live.destroy();
  const records = await system.recordsWhen(
    server.id,
    (all) => all.filter((r) => r.state === 'final' && (r.bytesDown ?? 0) > 0).length === answered + 1,
    60_000,
  );
  expect(records.filter((r) => r.bytesDown === 3 && r.bytesUp === 3)).toHaveLength(1);
  expect(records.filter((r) => r.bytesDown === 1 && r.bytesUp === 1)).toHaveLength(answered);
  expect(running.output()).not.toMatch(/(registry|audit|health|gateway|relay) ended unexpectedly/);
  resource.close();
  await user.leave();
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(leftovers()).toEqual([]);
}, 180_000);

it('waits for sessions when it is asked to stop, ends them when it is asked again, and leaves no port in use when it is killed', async () => {
  const first = start();
  const system = await TestSystem.use({ url: await ready(first), home, postgresUrl: '' });
  const user = await system.addUser();
  const resource = await Resource.serve(echo);
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const live = await carried(port);
  first.child.kill('SIGINT');
  first.child.kill('SIGINT'); // as when npm forwards the signal that the terminal has sent already
  await until(() => first.output().includes('1 session still runs, waiting up to 30 s; Ctrl-C again ends it now.'));
  const answer = once(live, 'data');
  live.write('x');
  await answer;
  const asking = setInterval(() => first.child.kill('SIGINT'), 200);
  expect(await first.ended).toBe(0);
  clearInterval(asking);
  expect(first.output()).toContain('Ending the sessions that are still running ...\nSluice has stopped.');

  const second = start();
  const again = await TestSystem.use({ url: await ready(second), home, postgresUrl: '' });
  const [record] = await again.recordsWhen(server.id, (all) => all.every(({ state }) => state === 'final'));
  expect(record).toMatchObject({ endReason: 'drained', outcome: 'completed' });
  for (let carries = false; !carries;) carries = await carried(port).then(Boolean, () => false);
  second.child.kill('SIGKILL'); // its gateway has a session, and waits for it half a minute
  await second.ended;
  const third = start();
  await ready(third);
  expect(third.output()).toContain('Services of an earlier start were still running; they were stopped.');
  resource.close();
  await user.leave();
  third.child.kill('SIGTERM');
  expect(await third.ended).toBe(0);
  expect(third.output()).not.toMatch(/sessions? still runs?/);
  expect(leftovers()).toEqual([]);
}, 180_000);

it('abandons a start that is asked to stop', async () => {
  const early = start();
  await until(() => early.output().includes('Starting Sluice'));
  await until(() => statSync(path.join(home, 'lock')).size > 0); // it is held
  early.child.kill('SIGINT');
  expect(await early.ended).toBe(0);
  expect(early.output()).toMatch(/SIGINT: stopping \.\.\.\nSluice has stopped\.\n$/);
  expect(early.output()).not.toContain('Sluice is ready');
  expect(leftovers()).toEqual([]);
}, 60_000);

it.runIf(process.getuid?.() === 0)(
  'says which folder the user of PostgreSQL cannot enter, without a stack trace',
  async () => {
    const closed = path.join(home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const refused = start({ SLUICE_HOME: path.join(closed, 'home') });
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain(`who cannot enter ${closed}. Set SLUICE_HOME to a folder`);
    expect(refused.output()).not.toMatch(/\n\s+at /);
    expect(leftovers()).toEqual([]);
  },
  60_000,
);

it("ends with npm's own process, and so does a relay: SIGTERM leaves nothing running", async () => {
  const running = run('npm', ['start'], { SLUICE_LOG_BYTES: '100' });
  const system = await TestSystem.use({ url: await ready(running), home, postgresUrl: '' });
  const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-2' } }));
  const before = leftovers();
  const relay = run('npm', ['run', 'relay', '--', '--name', 'relay-2'], { SLUICE_ENROLMENT_TOKEN: token });
  await printed(relay, 'relay-2 is running');
  for (const log of ['logs/gateway.log', 'postgres/postgres.log', 'nats/nats.log'])
    await until(() => existsSync(path.join(home, `${log}.1`)));
  relay.child.kill('SIGTERM');
  await relay.ended;
  await until(() => leftovers().length === before.length);
  expect(leftovers()).toEqual(before);
  await until(() => relay.output().includes('relay relay-2 has stopped.')); // npm has exited before, and its child process reports last
  const log = path.join(home, 'logs', 'relay-relay-2.log');
  truncateSync(log);
  const killed = run('npm', ['run', 'relay', '--', '--name', 'relay-2']);
  await printed(killed, 'relay-2 is running');
  const pidOf = () => /"pid":(\d+).*"msg":"started"/.exec(readFileSync(log, 'utf8'))?.[1];
  await until(() => pidOf() !== undefined);
  process.kill(Number(pidOf()), 'SIGKILL');
  await killed.ended;
  expect(killed.output()).toContain('relay relay-2 was killed (SIGKILL). Start it again: it closes what was open.');
  running.child.kill('SIGTERM');
  await running.ended;
  await until(() => leftovers().length === 0);
  await until(() => running.output().includes('Sluice has stopped.'));
}, 180_000);

it('starts without a relay that is not accepted any more, so that it can be replaced', async () => {
  const running = start();
  const { admin } = await TestSystem.use({ url: await ready(running), home, postgresUrl: '' });
  const relay = (await unwrap(admin.GET('/api/v1/nodes'))).items.find(({ name }) => name === 'relay-1');
  const params = { path: { id: relay?.id as string }, query: { version: relay?.version as number } };
  await unwrap(admin.DELETE('/api/v1/nodes/{id}', { params }));
  await printed(running, 'relay is not accepted any more');
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  const without = start();
  await ready(without);
  expect(without.output()).toContain('the relay is not ready: ');
  without.child.kill('SIGTERM');
  expect(await without.ended).toBe(0);
  expect(leftovers()).toEqual([]);
}, 180_000);

/** Waits for something that no event reports. Processes that outlive npm have half a minute to end in order. */
const until = (is: () => boolean): Promise<void> =>
  expect.poll(is, { timeout: 30_000, interval: 50, message: `${String(is)} did not happen` }).toBe(true);

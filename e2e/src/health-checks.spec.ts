import { createServer, type Server as TcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_PATH, healthFactSubject } from '@sluice/contracts';
import { until } from '@sluice/process';
import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carried } from './carried.js';
import { type BusUser, joinBus } from './join-bus.js';
import { metric } from './metric.js';
import { Scene } from './scene.js';

const WITHIN = { timeout: 20_000, interval: 50 };
/** How late a busy machine may connect, or this process may notice a connection. */
const NOTICED_LATE_MS = 1500;

let scene: Scene;
let facts: BusUser;
beforeAll(async () => {
  scene = await Scene.start({ restart: false });
  facts = await joinBus(scene.system.handle.home, 'siem');
});
afterAll(async () => {
  await facts.connection.close();
  await scene.end();
});

/** A service that notes when somebody has connected, in milliseconds since 1970. */
class Counted {
  readonly times: number[] = [];
  private server: TcpServer | undefined;
  private readonly sockets = new Set<Socket>();
  private constructor(readonly greeting: string) {}

  static async serve(greeting = ''): Promise<Counted> {
    const counted = new Counted(greeting);
    await counted.open(0);
    return counted;
  }

  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async open(port: number): Promise<void> {
    const server = createServer((socket) => {
      this.times.push(Date.now());
      this.sockets.add(socket.on('error', () => undefined).resume());
      if (this.greeting !== '') socket.write(this.greeting);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.server = server;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

const byId = (id: string) => ({ params: { path: { id } } });
const show = (id: string) => unwrap(scene.system.admin.GET('/api/v1/servers/{id}', byId(id)));
const checkNow = (id: string) => unwrap(scene.system.admin.POST('/api/v1/servers/{id}/check', byId(id)));
const untilState = (id: string, state: Schemas['ServerHealth']['state']) =>
  expect.poll(async () => (await show(id)).health.state, WITHIN).toBe(state);
const gapsOf = (times: readonly number[]): number[] => times.slice(1).map((at, i) => at - (times[i] as number));

it('has one connection in the time of the budget, however often administrators ask for a check', async () => {
  const service = await Counted.serve();
  const server = await scene.system.addServer(service.port, { settings: { checkBudgetSeconds: 3 } });
  await untilState(server.id, 'healthy');
  const began = Date.now();
  const answers: Schemas['ServerCheck'][] = [];
  while (Date.now() - began < 8000) answers.push(...(await Promise.all([1, 2, 3].map(() => checkNow(server.id)))));
  for (const gap of gapsOf(service.times)) expect(gap).toBeGreaterThan(3000 - NOTICED_LATE_MS);
  expect(service.times.length).toBeLessThanOrEqual(1 + Math.ceil((Date.now() - (service.times[0] as number)) / 3000));
  expect(answers.filter(({ checkedBy }) => checkedBy !== null).length).toBe(service.times.length - 1);
  for (const { state, nextCheckAllowedAt } of answers) {
    expect(state).toBe('healthy');
    expect(Date.parse(nextCheckAllowedAt)).toBeLessThanOrEqual(Date.now() + 3000);
  }
  await service.close();
});

it('does not check a server that sessions reach', async () => {
  const { system, user, resource } = scene;
  const server = await system.addServer(resource.port, { settings: { checkIntervalSeconds: 5, checkBudgetSeconds: 1 } });
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  await untilState(server.id, 'healthy');
  const before = resource.accepted.length;
  let sessions = 0;
  for (const began = Date.now(); Date.now() - began < 15_000; sessions++) {
    (await carried(port)).destroy();
    await sleep(1000); // users come back now and then
  }
  expect(resource.accepted.length - before).toBe(sessions);
  expect((await show(server.id)).health.nodes).toMatchObject([{ state: 'healthy' }]);
  await expect.poll(() => resource.accepted.length - before, WITHIN).toBe(sessions + 1); // now it is quiet
});

it('expects a greeting where the server has the mode for it, checks nothing where checks are off, and shows both', async () => {
  const silent = await Counted.serve();
  const mail = await Counted.serve('220 mail.example.com ESMTP\r\n');
  const off = await Counted.serve();
  const { system } = scene;
  const greeting = await system.addServer(mail.port, { check: 'greeting' });
  const hung = await system.addServer(silent.port, { check: 'greeting' });
  const unchecked = await system.addServer(off.port, { check: 'off' });
  await untilState(greeting.id, 'healthy');
  const error = `no greeting (127.0.0.1:${silent.port}: nothing within 2 s)`;
  await expect
    .poll(async () => (await show(hung.id)).health, WITHIN)
    .toMatchObject({ state: 'unhealthy', nodes: [{ state: 'unhealthy', lastError: error }] });
  expect([off.times, (await show(unchecked.id)).health]).toEqual([[], { state: 'unhealthy', nodes: [] }]);
  expect(await checkNow(unchecked.id)).toMatchObject({ state: 'healthy', checkedBy: expect.any(String) as string }); // an administrator may
  await Promise.all([silent, mail, off].map((service) => service.close()));
});

it('says that a server is flapping, with the times, on the event stream, by facts and in a metric, until it is stable', async () => {
  const received: { state: string; flapping?: string[] }[] = [];
  const service = await Counted.serve();
  const server = await scene.system.addServer(service.port, { settings: { checkBudgetSeconds: 1, checkIntervalSeconds: 5 } });
  facts.connection.subscribe(healthFactSubject(server.id), {
    callback: (_, message) => void received.push(message.json<{ data: (typeof received)[number] }>().data),
  });
  const closing = new AbortController();
  const headers = { authorization: `Bearer ${scene.system.adminToken}` };
  const events = await fetch(scene.system.handle.url + EVENTS_PATH, { headers, signal: closing.signal });
  let stream = '';
  void (async () => {
    for await (const chunk of (events.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) stream += chunk;
  })().catch(() => undefined);

  await untilState(server.id, 'healthy');
  const { port } = service;
  const turn = async (state: 'healthy' | 'unhealthy') => {
    await (state === 'healthy' ? service.open(port) : service.close());
    await until(async () => (await checkNow(server.id)).state === state, AbortSignal.timeout(20_000), 200);
  };
  await turn('unhealthy');
  expect((await show(server.id)).health.flapping).toBeUndefined();
  await turn('healthy');
  const { flapping } = (await show(server.id)).health;
  expect(flapping).toHaveLength(3);
  await turn('unhealthy');
  expect((await show(server.id)).health).toMatchObject({
    state: 'unhealthy',
    flapping: [...(flapping as string[]), expect.any(String) as string],
  });
  await turn('healthy');

  await expect.poll(() => received.length, WITHIN).toBe(3); // the last two changes are no facts
  expect(received.map(({ state }) => state)).toEqual(['healthy', 'unhealthy', 'healthy']);
  expect(received[2]?.flapping).toEqual(flapping);
  expect(stream).toMatch(new RegExp(`"kind":"health","ids":\\[[^\\]]*${server.id}`));
  expect(await metric(scene.installation, 'health', 'sluice_health_changes_total', 'to="flapping"')).toBe(1);
  expect(await metric(scene.installation, 'health', 'sluice_health_state', 'state="flapping"')).toBe(1);
  closing.abort();
  await service.close();
});

describe('two copies of the health service', () => {
  const INTERVAL = 5;
  it('share the checks; when one is killed no check is more than ten seconds late, and what is known survives when both are', async () => {
    const { system, installation } = scene;
    const second = await installation.addHealth('health-2');
    const services = await Promise.all(Array.from({ length: 40 }, () => Counted.serve()));
    const settings = { checkIntervalSeconds: INTERVAL, checkBudgetSeconds: 2 };
    const servers: Schemas['Server'][] = [];
    for (const { port } of services) servers.push(await system.addServer(port, { settings }));
    const checks = (copy: string) => metric(installation, copy, 'sluice_health_checks_total');
    const before = await checks('health');
    await expect.poll(() => Math.min(...services.map(({ times }) => times.length)), { timeout: 60_000 }).toBeGreaterThan(2);
    await expect.poll(() => checks('health-2'), { timeout: 60_000 }).toBeGreaterThan(20);
    await expect.poll(() => checks('health'), { timeout: 60_000 }).toBeGreaterThan(before + 20);
    const first = installation.service('health');

    process.kill(first.pid as number, 'SIGKILL');
    const killedAt = Date.now();
    const later = () => Math.min(...services.map(({ times }) => times.filter((at) => at > killedAt + 10_000).length));
    await expect.poll(later, { timeout: 60_000 }).toBeGreaterThan(1);
    for (const { times } of services) {
      for (const gap of gapsOf(times)) {
        expect(gap).toBeGreaterThan(2000 - NOTICED_LATE_MS); // the budget holds over both copies
        expect(gap).toBeLessThan((INTERVAL + 10) * 1000 + NOTICED_LATE_MS);
      }
    }

    const [quiet] = servers as [Schemas['Server']];
    const version = (await show(quiet.id)).version;
    await unwrap(
      system.admin.PATCH('/api/v1/servers/{id}', {
        ...byId(quiet.id),
        body: { version, settings: { checkIntervalSeconds: 86_400 } },
      }),
    );
    const known = (await show(quiet.id)).health;
    process.kill(second.pid as number, 'SIGKILL');
    await installation.addHealth('health-3');
    const others = services.slice(1).map(({ times }) => times.length);
    await expect
      .poll(() => services.slice(1).every(({ times }, i) => times.length > (others[i] as number)), { timeout: 30_000 })
      .toBe(true);
    expect((await show(quiet.id)).health).toEqual(known); // it was due long after: a restart is no reason for a check
    await Promise.all(services.map((service) => service.close()));
  });
});

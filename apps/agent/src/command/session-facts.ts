import { factInWords } from '@sluice/domain';
import { ApiError, collect, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import { whole } from '../terminal/fit-columns.js';
import type { Output } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';
import { nextPage } from './api.js';

type Fact = Schemas['SessionFact'];

/** The facts that are known about a session, in the order of their times. */
interface KnownFacts {
  readonly facts: readonly Fact[];
  /** False for a record whose facts were stored by a release that did not note which session a fact is about. */
  readonly complete: boolean;
}

/** What is said where not all facts of a session are known. */
export const INCOMPLETE =
  'Facts of this session are missing here: they were stored by an earlier release, which did not note which session a fact is about. They are kept, and the record follows from them.';

/** Reads the facts of a session. */
export async function factsOf(api: SluiceClient, id: string): Promise<KnownFacts> {
  let complete = true;
  const facts = await collect(async (cursor) => {
    const page = await unwrap(api.GET('/api/v1/sessions/{id}/facts', { params: { path: { id }, query: nextPage(cursor) } }));
    complete = page.complete;
    return page;
  });
  return { facts: facts.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)), complete };
}

/** The same; undefined for an account that may see its own sessions and not their facts. */
export async function factsForReaders(api: SluiceClient, id: string): Promise<KnownFacts | undefined> {
  try {
    return await factsOf(api, id);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

/** Prints when a session was requested, opened and ended, each fact with its number. Of checkpoints it has the last and how many there are. */
export function printTimeLine(out: Output, record: Schemas['AuditRecord'], known: KnownFacts | undefined): void {
  const facts = known?.facts ?? [];
  const checkpoints = facts.filter(({ kind }) => kind === 'checkpoint');
  const lastCheckpoint = checkpoints.at(-1);
  const rows = facts
    .filter((fact) => fact.kind !== 'checkpoint' || fact === lastCheckpoint)
    .map((fact) => [
      showTime(fact.at),
      fact === lastCheckpoint && checkpoints.length > 1 ? `the last of ${checkpoints.length} checkpoints` : fact.kind,
      factInWords(fact),
      fact.number,
      fact.incarnation,
    ]);
  const endIsMissing = record.endedAt !== null && !facts.some(({ kind }) => kind !== 'opened' && kind !== 'checkpoint');
  const ended = endIsMissing ? [[showTime(record.endedAt), 'ended', record.endReason, null, null]] : [];
  out.line('');
  out.table(
    ['TIME', 'WHAT', 'DETAILS', 'NUMBER', whole('JOURNAL')],
    [[showTime(record.startedAt), 'requested', '', null, null], ...rows, ...ended],
    '',
  );
  if (known?.complete === false) out.line(INCOMPLETE);
}

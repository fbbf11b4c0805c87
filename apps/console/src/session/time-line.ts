import { factInWords } from '@sluice/domain';
import type { SessionFact, Session } from './sessions.js';

/** A moment in the life of a session. */
export interface TimeLineMoment {
  readonly key: string;
  readonly title: string;
  readonly at: string;
  readonly details: string;
  /** Number of the fact that says so, in the journal of its author. */
  readonly number: number | null;
}

const TITLES: Readonly<Record<string, string>> = {
  opened: 'Dialled and opened',
  checkpoint: 'Checkpoint',
  closed: 'Ended',
  refused: 'Refused',
  failed: 'Failed',
  unanswered: 'No relay answered',
};

type Life = Pick<Session, 'startedAt' | 'endedAt' | 'state' | 'outcome' | 'endReason' | 'relay'>;

/**
 * The course of a session according to its facts. Of checkpoints it has the last, and how many there are. Where no fact has the end,
 * the record has it: its facts are not all read, are not known, or the end is presumed.
 * @param isAll whether there are no further facts to read
 */
export function timeLineOf(session: Life, facts: readonly SessionFact[], isAll = true): TimeLineMoment[] {
  const ordered = facts.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const checkpoints = ordered.filter(({ kind }) => kind === 'checkpoint');
  const last = checkpoints.at(-1);
  const requested = session.relay ? 'Requested and decided' : 'Attempted';
  const hasEnd = ordered.some(({ kind }) => kind !== 'opened' && kind !== 'checkpoint');
  return [
    { key: 'requested', title: requested, at: session.startedAt, details: '', number: null },
    ...ordered
      .filter((fact) => fact.kind !== 'checkpoint' || fact === last)
      .map((fact) => ({
        key: fact.id,
        title:
          fact === last && checkpoints.length > 1
            ? `The last of ${isAll ? '' : 'the first '}${checkpoints.length} checkpoints`
            : (TITLES[fact.kind] ?? fact.kind),
        at: fact.at,
        details: factInWords(fact),
        number: fact.number,
      })),
    ...(session.endedAt === null || hasEnd
      ? []
      : [{ key: 'end', title: endTitle(session), at: session.endedAt, details: session.endReason ?? '', number: null }]),
  ];
}

function endTitle({ state, outcome }: Life): string {
  if (outcome === 'refused') return 'Refused';
  if (state === 'presumed ended') return 'Presumed ended';
  return outcome === 'failed' ? 'Failed' : 'Ended';
}

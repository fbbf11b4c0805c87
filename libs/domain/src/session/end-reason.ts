/**
 * Why a session ended, and the outcome that follows from it. This table is the only place that defines it.
 *
 *   refused    a relay denied it: nothing was written to the resource
 *   failed     it never connected, or was lost
 *   completed  it was active, and its end was observed
 *
 * A reason can be in both columns: a session of a suspended account is refused before it opens, and ended while it is running.
 */
export const OUTCOMES = ['refused', 'failed', 'completed'] as const;

/** The outcome of a session or an attempt. */
export type SessionOutcome = (typeof OUTCOMES)[number];

const TABLE = {
  'no grant': { before: 'refused' },
  'account suspended': { before: 'refused', active: 'completed' },
  'login ended': { before: 'refused', active: 'completed' },
  'resource deleted': { before: 'refused', active: 'completed' },
  'certificate expired': { before: 'refused' },
  'limit reached': { before: 'refused', safeToRetry: true },
  'policy stale': { before: 'refused', active: 'completed', safeToRetry: true },
  draining: { before: 'refused', safeToRetry: true },
  'journal full': { before: 'refused', safeToRetry: true },
  'egress denied': { before: 'refused', safeToRetry: true },

  'name not resolved': { before: 'failed', safeToRetry: true },
  'connect refused': { before: 'failed', safeToRetry: true },
  unreachable: { before: 'failed', safeToRetry: true },
  'dial timeout': { before: 'failed', safeToRetry: true },
  'client gone': { before: 'failed' },
  'no relay': { before: 'failed' },
  'link lost': { before: 'failed', active: 'failed' },
  'relay lost': { before: 'failed', active: 'failed' },
  'journal failed': { before: 'failed', active: 'failed', safeToRetry: true },

  'client closed': { active: 'completed' },
  'resource closed': { active: 'completed' },
  'client reset': { active: 'completed' },
  'resource reset': { active: 'completed' },
  'grant ended': { active: 'completed' },
  idle: { active: 'completed' },
  'maximum length': { active: 'completed' },
  'operator ended': { active: 'completed' },
  drained: { active: 'completed' },
} as const satisfies Record<string, { before?: SessionOutcome; active?: SessionOutcome; safeToRetry?: true }>;

type Table = typeof TABLE;

/** The exact cause of a session's end. */
export type EndReason = keyof Table;

/** Every end reason, in the order of the table. */
export const END_REASONS = Object.keys(TABLE) as [EndReason, ...EndReason[]];

/** Reasons that keep a session from becoming active. */
export type AttemptEnd = { [R in EndReason]: Table[R] extends { before: SessionOutcome } ? R : never }[EndReason];

/** Reasons that end an active session. */
export type SessionEnd = { [R in EndReason]: Table[R] extends { active: SessionOutcome } ? R : never }[EndReason];

/** The outcome of an end reason. @throws Error if the table has none, which is a programming error */
export function outcomeOf(reason: EndReason, phase: 'before' | 'active'): SessionOutcome {
  const entry: { before?: SessionOutcome; active?: SessionOutcome } = TABLE[reason];
  const outcome = entry[phase];
  if (!outcome)
    throw new Error(`"${reason}" does not end a session ${phase === 'active' ? 'that was active' : 'before it was active'}`);
  return outcome;
}

/** Whether another relay may be tried: true only if nothing was written to the resource. */
export const safeToRetry = (reason: AttemptEnd): boolean => 'safeToRetry' in TABLE[reason];

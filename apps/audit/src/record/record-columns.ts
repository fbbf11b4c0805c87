import type { AttemptEnded, SessionClosed, SessionOpened } from '@sluice/contracts';
import { outcomeOf } from '@sluice/domain';

/** Columns of a record and their values. */
export type Columns = Record<string, unknown>;

/** The columns of a record that follow from the beginning of a session or attempt. */
export const beginning = (data: Omit<SessionOpened, 'dialledAddress'> & { dialledAddress: string | null }): Columns => ({
  request_id: data.requestId,
  attempt: data.attempt,
  account_id: data.account.id,
  account_email: data.account.email,
  resource_id: data.resource.id,
  resource_name: data.resource.name,
  resource_tags: data.resource.tags === null ? null : JSON.stringify(data.resource.tags),
  relay_name: data.relay.name,
  gateway: data.gateway,
  client_address: data.clientAddress,
  dialled_address: data.dialledAddress,
  rule: data.rule,
  shared_listener: data.sharedListener,
  started_at: data.startedAt,
});

/** Whether a session can have ended as a fact says. The facts that say something else are quarantined one by one. */
export function isPossibleEnd({ endReason }: SessionClosed): boolean {
  try {
    outcomeOf(endReason, 'active');
    return true;
  } catch {
    return false;
  }
}

/** The columns of a record that follow from the end of a session. @throws Error unless `isPossibleEnd` */
export const closing = (data: SessionClosed): Columns => ({
  state: 'final',
  presumed_at: null,
  presumed_age: null,
  ended_at: data.endedAt,
  duration_ms: data.durationMs,
  bytes_up: data.bytesUp,
  bytes_down: data.bytesDown,
  exactness: data.exactness,
  agent_bytes_up: data.agent?.bytesUp ?? null,
  agent_bytes_down: data.agent?.bytesDown ?? null,
  counts_differ: data.agent?.differs ?? false,
  outcome: outcomeOf(data.endReason, 'active'),
  end_reason: data.endReason,
  message: data.message,
  ended_by: data.endedBy === null ? null : JSON.stringify(data.endedBy),
  revocation_ms: data.revocationMs,
});

/** The columns of the record of an attempt that never became a session. */
export const attempt = (data: AttemptEnded): Columns => ({
  ...beginning(data),
  state: 'final',
  presumed_at: null,
  presumed_age: null,
  ended_at: data.endedAt,
  duration_ms: data.durationMs,
  bytes_up: 0,
  bytes_down: 0,
  exactness: 'exact',
  outcome: outcomeOf(data.endReason, 'before'),
  end_reason: data.endReason,
  message: data.message,
  repeats: data.repeats,
});

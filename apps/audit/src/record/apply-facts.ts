import type { AttemptEnded, SessionCheckpoint, SessionClosed, SessionOpened } from '@sluice/contracts';
import { exhaustive, outcomeOf } from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

type Columns = Record<string, unknown>;

/** What a beginning says of a record. */
const beginning = (data: Omit<SessionOpened, 'dialledAddress'> & { dialledAddress: string | null }): Columns => ({
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

const closing = (data: SessionClosed): Columns => ({
  state: 'final',
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

const attempt = (data: AttemptEnded): Columns => ({
  ...beginning(data),
  state: 'final',
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

/**
 * Turns new facts into records. Each kind of fact sets its own columns and no others, so their order does not matter:
 * `closed` may come before `opened`, and a late `checkpoint` changes nothing any more.
 * @returns the facts that speak of a session which another relay carries: they change nothing.
 */
export async function applyFacts(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<ReceivedFact[]> {
  const foreign: ReceivedFact[] = [];
  for (const fact of facts) {
    if (fact.session !== undefined && !(await applyFact(tx, fact.envelope.node as string, fact.session))) foreign.push(fact);
  }
  return foreign;
}

function applyFact(tx: EntityManager, node: string, { kind, data }: NonNullable<ReceivedFact['session']>): Promise<boolean> {
  switch (kind) {
    case 'opened': {
      const opened = data as SessionOpened;
      return upsert(tx, node, opened.sessionId, { ...beginning(opened), state: 'live' }, ['state']);
    }
    case 'checkpoint':
      return applyCheckpoint(tx, node, data as SessionCheckpoint);
    case 'closed': {
      const closed = data as SessionClosed;
      return upsert(tx, node, closed.sessionId, closing(closed), []);
    }
    case 'refused':
    case 'failed': {
      const ended = data as AttemptEnded;
      return upsert(tx, node, ended.sessionId, attempt(ended), []);
    }
    default:
      return exhaustive(kind);
  }
}

async function applyCheckpoint(tx: EntityManager, node: string, data: SessionCheckpoint): Promise<boolean> {
  await tx.query(
    `update session set bytes_up = greatest(bytes_up, $3), bytes_down = greatest(bytes_down, $4), duration_ms = $5, revision = revision + 1
      where id = $1 and relay_id = $2 and state = 'live'`,
    [data.sessionId, node, data.bytesUp, data.bytesDown, data.durationMs],
  );
  return true;
}

/** Sets columns of a record, making it when it is not there; `onlyNew` are set only then. False: the record is another relay's. */
async function upsert(tx: EntityManager, node: string, id: string, columns: Columns, onlyNew: string[]): Promise<boolean> {
  const all: Columns = { ...columns, relay_id: node };
  const names = Object.keys(all);
  const updates = names.filter((name) => !onlyNew.includes(name)).map((name) => `${name} = excluded.${name}`);
  const rows = await tx.query<unknown[]>(
    `insert into session (id, ${names.join(', ')}) values ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')})
     on conflict (id) do update set revision = session.revision + 1, ${updates.join(', ')}
      where session.relay_id = excluded.relay_id returning id`,
    [id, ...Object.values(all)],
  );
  return rows.length > 0;
}

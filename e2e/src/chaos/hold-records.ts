import type { Schemas } from '@sluice/sdk';
import type { Action } from './administrator.js';
import { groupBy } from './group-by.js';
import type { ClientSeen, ResourceSeen, Seen } from './ledger.js';
import type { Kill } from './victim.js';

type AuditRecord = Schemas['AuditRecord'];

/** A thing that must not be, in words. */
export type Violation = string;

/** What was done to the system while it worked. */
export interface Deeds {
  readonly kills: readonly Kill[];
  readonly actions: readonly Action[];
}

/** On a busy machine a process may see what happened so much later, in milliseconds. */
const SLACK_MS = 5000;

/** Whether a relay carried bytes in the session that a record is of, or would have. */
export const wasActive = (record: AuditRecord): boolean =>
  record.state === 'live' ||
  (record.source === 'relay' &&
    (record.outcome === 'completed' || record.endReason === 'link lost' || record.endReason === 'relay lost'));

/** Holds every record against its own connection, and every connection against its record. */
export function holdRecords(records: readonly AuditRecord[], ledger: Seen, deeds: Deeds): Violation[] {
  const violations: Violation[] = [];
  const active = records.filter(wasActive);
  const pairs = pair(active, ledger.resources);
  for (const seen of withoutRecord(pairs, ledger))
    violations.push(`a connection reached the resource and has no record: ${seen.token ?? 'without a byte'}`);
  for (const record of active) {
    if (pairs.has(record)) continue;
    // the relay was killed between the journal and the first byte
    if (record.endReason === 'relay lost' && record.bytesUp === 0 && record.bytesDown === 0) continue;
    violations.push(`a record of a connection that was not: ${describe(record)}`);
  }
  for (const [record, seen] of pairs) {
    const client = ledger.client(seen.token);
    for (const what of holdRecord(record, seen, client, deeds)) violations.push(`${what}: ${describe(record, seen, client)}`);
  }
  for (const seen of ledger.resources) {
    if (seen.token !== undefined && !ledger.client(seen.token)) violations.push(`bytes that no client sent: ${seen.token}`);
    if (seen.side && !seen.side.intact) violations.push(`other bytes arrived than the client sent: ${seen.token}`);
  }
  for (const { side, token } of ledger.clients) {
    if (!side.intact) violations.push(`other bytes came back than the resource sent: ${token}`);
    if (side.hung) violations.push(`a connection that never ends: ${token}, ${side.sent} bytes sent, ${side.received} received`);
  }
  for (const token of repeated(ledger.resources.flatMap((seen) => seen.token ?? [])))
    violations.push(`bytes of one client delivered twice: ${token}`);
  violations.push(...holdAttempts(records, ledger));
  return violations;
}

/**
 * Pairs each connection that a session began at the resource (it has the PROXY header, which a relay writes once the
 * journal has the session) with its record: of the same server, with the same link, the last that had begun by then.
 */
function pair(active: readonly AuditRecord[], seen: readonly ResourceSeen[]): Map<AuditRecord, ResourceSeen> {
  const pairs = new Map<AuditRecord, ResourceSeen>();
  const key = (server: string, address: string | null | undefined) => `${server} ${address}`;
  const of = groupBy(active, (record) => key(record.resource.id, record.clientAddress));
  for (const connection of seen) {
    if (connection.clientAddress === undefined) continue;
    const record = (of.get(key(connection.serverId, connection.clientAddress)) ?? [])
      .filter((found) => !pairs.has(found) && Date.parse(found.startedAt) <= connection.headerAt)
      .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
      .at(-1);
    if (record) pairs.set(record, connection);
  }
  return pairs;
}

function withoutRecord(pairs: Map<AuditRecord, ResourceSeen>, ledger: Seen): ResourceSeen[] {
  const paired = new Set(pairs.values());
  return ledger.resources.filter((seen) => seen.clientAddress !== undefined && !paired.has(seen));
}

/** Whether every connection that reached a resource has a record. Counts do not say it: there may be records of sessions that never had a byte. */
export const allRecorded = (records: readonly AuditRecord[], ledger: Seen): boolean =>
  withoutRecord(pair(records.filter(wasActive), ledger.resources), ledger).length === 0;

function holdRecord(record: AuditRecord, seen: ResourceSeen, client: ClientSeen | undefined, deeds: Deeds): Violation[] {
  const found: Violation[] = [];
  const demand = (holds: boolean, what: Violation) => holds || found.push(what);
  const up = { sent: client?.side.sent ?? Number.POSITIVE_INFINITY, received: seen.side?.received ?? 0 };
  const down = { sent: seen.side?.sent ?? 0, received: client?.side.received ?? 0 };
  const { bytesUp, bytesDown, exactness, endReason } = record;
  demand(record.state === 'final', 'it is not final');
  if (bytesUp === null || bytesDown === null || exactness === null || endReason === null) return found;
  if (endReason === 'client closed' || endReason === 'resource closed') {
    const whole = client?.side.endedInOrder === true && seen.side?.endedInOrder === true;
    demand(whole, 'a cut connection is recorded as one that ended');
    demand(exactness === 'exact', 'it ended in order and is not exact');
    demand(bytesUp === up.sent && bytesUp === up.received, 'bytes up are not those of the connection');
    demand(bytesDown === down.sent && bytesDown === down.received, 'bytes down are not those of the connection');
    demand(
      !record.countsDiffer && record.agentBytesUp === bytesUp && record.agentBytesDown === bytesDown,
      'the agent counted otherwise',
    );
    if (client?.plan.ending === 'client first') demand(endReason === 'client closed', 'the client ended first');
    if (client?.plan.ending === 'resource first') demand(endReason === 'resource closed', 'the resource ended first');
    return found;
  }
  demand(bytesDown <= down.sent, 'more bytes down than the resource sent');
  if (exactness === 'at least') {
    // the kernel of a killed relay may reset the connection, and discards then what it had accepted
    const mayHaveLost = seen.side?.error === 'ECONNRESET';
    demand(bytesUp <= (mayHaveLost ? up.sent : up.received), 'at least so many bytes up, and fewer arrived');
  } else {
    demand(bytesUp <= up.sent, 'more bytes up than the client sent');
    demand(bytesUp >= up.received, 'fewer bytes up than arrived');
    demand(bytesDown >= down.received, 'fewer bytes down than came back');
    if (exactness === 'exact') demand(bytesUp === up.received, 'exact bytes up, and others arrived');
  }
  demand((exactness === 'at least') === (endReason === 'relay lost'), 'exactness and end reason do not go together');
  demand(isPlausible(record, seen, client, deeds), 'nothing happened that would explain the end reason');
  return found;
}

/** Whether something was done that an end reason, other than an end in order, can come from. */
function isPlausible(
  record: AuditRecord,
  seen: ResourceSeen,
  client: ClientSeen | undefined,
  { kills, actions }: Deeds,
): boolean {
  const from = Date.parse(record.startedAt) - SLACK_MS;
  // the end of a session whose relay died is that of its last checkpoint: it was over when its sockets were
  const closed = [record.endedAt, client?.side.closedAt, seen.side?.closedAt].map((at) => new Date(at ?? 0).getTime());
  const to = Math.max(...closed) + SLACK_MS;
  const killed = (...names: (string | undefined)[]) =>
    kills.some(
      ({ name, at }) => names.some((wanted) => wanted !== undefined && name.startsWith(wanted)) && at >= from && at <= to,
    );
  const acted = (kind: Action['kind'], of: string) =>
    actions.some((action) => action.kind === kind && action.of === of && action.from <= to && action.to >= from);
  switch (record.endReason) {
    case 'client reset': // when its token never arrived, the client is unknown
      return client === undefined || client.side.reset;
    case 'resource reset':
      return seen.side?.reset === true;
    case 'link lost':
      return killed('agent', 'gateway');
    case 'relay lost':
      return killed(record.relay?.name);
    case 'grant ended':
      return acted('grant taken', record.resource.id);
    case 'operator ended':
      return acted('session ended', record.id);
    default:
      return false;
  }
}

/** Attempts of one connection share a request id: at most one of them carried its bytes, and there are no more such ids than connections. */
function holdAttempts(records: readonly AuditRecord[], ledger: Seen): Violation[] {
  const violations: Violation[] = [];
  const withBytes = records.filter((record) => wasActive(record) && (record.bytesUp ?? 0) > 0);
  for (const id of repeated(withBytes.map((record) => record.requestId)))
    violations.push(`two sessions of one connection carried its bytes: request ${id}`);
  const connected = groupBy(
    ledger.clients.filter((client) => client.connected),
    (client) => client.serverId,
  );
  for (const [serverId, ofServer] of groupBy(records, (record) => record.resource.id)) {
    const requests = new Set(ofServer.map((record) => record.requestId)).size;
    const clients = connected.get(serverId)?.length ?? 0;
    if (requests > clients) violations.push(`records of ${requests} connections to ${serverId}, which had ${clients}`);
  }
  for (const record of records)
    if (!wasActive(record) && ((record.bytesUp ?? 0) > 0 || (record.bytesDown ?? 0) > 0))
      violations.push(`an attempt that was never active carried bytes: ${describe(record)}`);
  return violations;
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.has(value) || !seen.add(value));
}

function describe(record: AuditRecord, seen?: ResourceSeen, client?: ClientSeen): string {
  const { id, relay, startedAt, endedAt, state, outcome, endReason, exactness, bytesUp, bytesDown, message } = record;
  const said = { id, relay: relay?.name, startedAt, endedAt, state, outcome, endReason, exactness, bytesUp, bytesDown, message };
  const side = (of: ClientSeen['side'] | undefined) =>
    of && {
      sent: of.sent,
      received: of.received,
      endedInOrder: of.endedInOrder,
      reset: of.reset,
      sawEnd: of.sawEnd,
      error: of.error,
      closedAt: new Date(of.closedAt ?? 0).toISOString(),
    };
  return JSON.stringify({ record: said, ending: client?.plan.ending, client: side(client?.side), resource: side(seen?.side) });
}

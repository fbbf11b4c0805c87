import { randomUUID } from 'node:crypto';
import type { Schemas } from '@sluice/sdk';
import { describe, expect, it } from 'vitest';
import { allRecorded, holdRecords } from './hold-records.js';
import type { ClientSeen, ResourceSeen, Seen } from './ledger.js';
import { type Ending, planConnection } from './plan.js';
import type { SideSeen } from './side.js';

type AuditRecord = Schemas['AuditRecord'];

const BEGAN = Date.parse('2026-03-01T10:00:00.000Z');
const at = (seconds: number): number => BEGAN + seconds * 1000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString();

const side = (of: Partial<SideSeen>): SideSeen => ({
  ...{ sent: 0, received: 0, intact: true, endedInOrder: true, reset: false, sawEnd: true, error: undefined, hung: false },
  closedAt: at(10),
  ...of,
});

/** A connection: 100 bytes up, 200 down, ended in order; and its record, which says the same. */
class Connection {
  readonly record: AuditRecord;
  readonly client: ClientSeen;
  readonly resource: ResourceSeen;

  constructor(ending: Ending = 'client first') {
    const [serverId, token, clientAddress] = [randomUUID(), randomUUID(), `10.0.0.1:${Math.floor(Math.random() * 60_000)}`];
    const plan = { ...planConnection(1, 1), ending };
    this.client = { token, serverId, plan, connected: true, side: side({ sent: 100, received: 200 }) };
    this.resource = { token, serverId, clientAddress, headerAt: at(1), side: side({ sent: 200, received: 100 }) };
    const names = { name: 'orders', tags: null };
    this.record = {
      ...{ id: randomUUID(), state: 'final', requestId: randomUUID(), attempt: 1, source: 'relay', repeats: 1, rule: 'role r' },
      ...{ account: { id: randomUUID(), email: 'a@example.com' }, resource: { id: serverId, ...names }, proxyCluster: 'default' },
      ...{ relay: { id: randomUUID(), name: 'relay-1' }, gateway: randomUUID(), clientAddress, dialledAddress: null },
      ...{ startedAt: iso(0), endedAt: iso(10), durationMs: 10_000, bytesUp: 100, bytesDown: 200, exactness: 'exact' },
      ...{ agentBytesUp: 100, agentBytesDown: 200, countsDiffer: false, outcome: 'completed', endReason: 'client closed' },
      ...{ message: null, endedBy: null, revocationMs: null, sharedListener: false },
    };
  }

  /** What is wrong, without the description of the connection. */
  judge(more: { kills?: readonly { name: string; at: number }[]; records?: readonly AuditRecord[] } = {}): string[] {
    const { kills = [], records = [this.record] } = more;
    return holdRecords(records, this.seen, { kills, actions: [] }).map((text) => text.replace(/:.*$/s, ''));
  }

  get seen(): Seen {
    const { client, resource } = this;
    return { clients: [client], resources: [resource], client: (token) => (token === client.token ? client : undefined) };
  }
}

/** A connection whose relay was killed at second 5, when the resource had read 60 bytes, and its record. */
function lost(of: { bytesUp: number; resource?: Partial<SideSeen> }): Connection {
  const made = new Connection('each when done');
  Object.assign(made.client.side, { endedInOrder: false, received: 150 });
  Object.assign(made.resource.side as SideSeen, { received: 60, endedInOrder: false, ...of.resource });
  Object.assign(made.record, {
    ...{ outcome: 'failed', endReason: 'relay lost', exactness: 'at least', bytesUp: of.bytesUp, bytesDown: 120 },
    ...{ agentBytesUp: null, agentBytesDown: null },
  });
  return made;
}
const KILLED = { kills: [{ name: 'relay-1', at: at(5) }] };
const FEWER = 'at least so many bytes up, and fewer arrived';

describe('a record of a lost relay', () => {
  it('may say fewer bytes up than the resource read, and as many', () => {
    expect(lost({ bytesUp: 0 }).judge(KILLED)).toEqual([]);
    expect(lost({ bytesUp: 60 }).judge(KILLED)).toEqual([]);
  });

  it('may not say more than that', () => {
    expect(lost({ bytesUp: 61 }).judge(KILLED)).toEqual([FEWER]);
    expect(lost({ bytesUp: 61, resource: { error: 'EPIPE' } }).judge(KILLED)).toEqual([FEWER]);
  });

  it('may say all that the client sent, and no more, if the kernel has reset the connection to the resource', () => {
    const resource = { error: 'ECONNRESET' };
    expect(lost({ bytesUp: 100, resource }).judge(KILLED)).toEqual([]);
    expect(lost({ bytesUp: 101, resource }).judge(KILLED)).toEqual([FEWER]);
  });

  it('may not say more bytes down than the resource sent', () => {
    const made = lost({ bytesUp: 60 });
    made.record.bytesDown = 201;
    expect(made.judge(KILLED)).toEqual(['more bytes down than the resource sent']);
  });

  it('needs the kill of that relay, at that time', () => {
    const unexplained = ['nothing happened that would explain the end reason'];
    expect(lost({ bytesUp: 60 }).judge()).toEqual(unexplained);
    expect(lost({ bytesUp: 60 }).judge({ kills: [{ name: 'relay-2', at: at(5) }] })).toEqual(unexplained);
    expect(lost({ bytesUp: 60 }).judge({ kills: [{ name: 'relay-1', at: at(16) }] })).toEqual(unexplained);
    expect(lost({ bytesUp: 60 }).judge({ kills: [{ name: 'relay-1', at: at(15) }] })).toEqual([]); // a busy machine
  });

  it('says at least, and nothing else does', () => {
    const together = 'exactness and end reason do not go together';
    const made = lost({ bytesUp: 60 });
    Object.assign(made.record, { exactness: 'at most', bytesDown: 150 });
    expect(made.judge(KILLED)).toEqual([together]);
    const other = lost({ bytesUp: 60 });
    other.record.endReason = 'link lost';
    expect(other.judge({ kills: [{ name: 'gateway-1', at: at(5) }] })).toEqual([together]);
  });

  it('needs no connection if it has no bytes', () => {
    const made = lost({ bytesUp: 0 });
    Object.assign(made.record, { bytesDown: 0 });
    made.resource.clientAddress = undefined; // the relay was killed before it wrote the header
    expect(made.judge(KILLED)).toEqual([]);
    made.record.bytesUp = 1;
    expect(made.judge(KILLED)).toEqual(['a record of a connection that was not']);
  });
});

describe('a record of a session that ended in order', () => {
  it('has exactly the bytes of both ends', () => {
    expect(new Connection().judge()).toEqual([]);
    for (const [field, what] of [
      ['bytesUp', 'bytes up are not those of the connection'],
      ['bytesDown', 'bytes down are not those of the connection'],
    ] as const)
      for (const by of [-1, 1]) {
        const made = new Connection();
        made.record[field] = (made.record[field] ?? 0) + by;
        expect(made.judge()).toEqual([what, 'the agent counted otherwise']);
      }
  });

  it('is of a connection that both ends ended, on the side that ended first', () => {
    const cut = new Connection();
    Object.assign(cut.resource.side as SideSeen, { endedInOrder: false });
    expect(cut.judge()).toEqual(['a cut connection is recorded as one that ended']);
    expect(new Connection('resource first').judge()).toEqual(['the resource ended first']);
  });
});

describe('a record of a session that was cut', () => {
  const cutBy = (record: Partial<AuditRecord>, of: Partial<SideSeen> = {}): Connection => {
    const made = new Connection('client resets');
    Object.assign(made.client.side, { endedInOrder: false, reset: true, received: 150, ...of });
    Object.assign(made.resource.side as SideSeen, { endedInOrder: false, received: 60 });
    Object.assign(made.record, { endReason: 'client reset', exactness: 'at most', ...record });
    return made;
  };

  it('says at most what was sent, and at least what arrived', () => {
    for (const bytesUp of [60, 100]) expect(cutBy({ bytesUp }).judge()).toEqual([]);
    expect(cutBy({ bytesUp: 101 }).judge()).toEqual(['more bytes up than the client sent']);
    expect(cutBy({ bytesUp: 59 }).judge()).toEqual(['fewer bytes up than arrived']);
    expect(cutBy({ bytesDown: 149 }).judge()).toEqual(['fewer bytes down than came back']);
    expect(cutBy({ bytesUp: 61, exactness: 'exact' }).judge()).toEqual(['exact bytes up, and others arrived']);
  });

  it('needs what its end reason says', () => {
    expect(cutBy({}, { reset: false }).judge()).toEqual(['nothing happened that would explain the end reason']);
  });
});

it('compares each of two connections over one link with the session that had begun by then', () => {
  const [made, later] = [new Connection(), new Connection()];
  Object.assign(later.client, { serverId: made.client.serverId, side: side({ sent: 7, received: 200, closedAt: at(30) }) });
  const resource = { ...made.resource, token: later.client.token, headerAt: at(21), side: side({ sent: 200, received: 7 }) };
  const { resource: server, clientAddress } = made.record;
  Object.assign(later.record, { resource: server, clientAddress, startedAt: iso(20), bytesUp: 7, agentBytesUp: 7 });
  const client = (token: string | undefined) => [made.client, later.client].find((one) => one.token === token);
  const seen: Seen = { clients: [made.client, later.client], resources: [made.resource, resource], client };
  expect(holdRecords([made.record, later.record], seen, { kills: [], actions: [] })).toEqual([]);
});

it('misses the record of a connection that reached the resource, and finds a second session of one connection', () => {
  const made = new Connection();
  expect(made.judge({ records: [] })).toEqual(['a connection reached the resource and has no record']);
  expect([allRecorded([], made.seen), allRecorded([made.record], made.seen)]).toEqual([false, true]);
  const again = { ...made.record, id: randomUUID(), startedAt: iso(-1) };
  expect(made.judge({ records: [again, made.record] })).toEqual([
    'a record of a connection that was not',
    'two sessions of one connection carried its bytes',
  ]);
});

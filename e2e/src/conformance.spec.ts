import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { freePort, type Installation } from '@sluice/embedded';
import { until } from '@sluice/process';
import { handleOf, startSystem, stopSystem, TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, CASES } from './conformance/cases.js';
import { Party, type Seen } from './conformance/party.js';

const LONG = process.env['SLUICE_CONFORMANCE_LONG'] === '1';
/** Where to write the matrix; nowhere if empty. */
const REPORT = process.env['SLUICE_CONFORMANCE_REPORT'] ?? '';

let installation: Installation;
let system: TestSystem;
let user: TestUser;
let server: Server;
let serverName: string;
let serverId: string;
let accept: (socket: Socket) => void = () => undefined;
const ways = new Map<string, () => number>();
const results = new Map<string, Map<string, string>>();

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => accept(socket));
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve));
  const { port } = server.address() as AddressInfo;
  installation = await startSystem();
  system = await TestSystem.use(handleOf(installation));
  user = await system.addUser();
  const added = await system.addServer(port, { check: 'off' }); // every connection is a case's
  [serverName, serverId] = [added.name, added.id];
  await system.grant([user], [added]);
  const local = await user.connect(serverName);
  await system.recordsWhen(serverId, () => true);
  ways.set('straight', () => port);
  ways.set('gateway', () => local);
  ways.set('direct', () => local);
});
afterAll(async () => {
  server.close();
  await user.leave();
  await stopSystem(installation);
  if (REPORT !== '') writeFileSync(path.resolve(REPORT), report());
});

/** One connection of a case: what the client and the target saw. */
async function run(one: Case, port: number): Promise<{ client: Seen; target: Seen }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const client = new Party(socket);
  const arrived = new Promise<Socket>((resolve) => queue.push(resolve));
  const target = new Party(await arrived);
  target.socket.resume();
  const resets = one.resets === true;
  const [seenByClient, seenByTarget] = await Promise.all([
    client.seen(resets),
    target.seen(resets),
    Promise.resolve(one.client(client)),
    Promise.resolve(one.target(target)),
  ]);
  return { client: seenByClient, target: seenByTarget };
}

/** Whoever waits for the next connection at the target. */
const queue: ((socket: Socket) => void)[] = [];

/** A case, all its connections; how often each outcome was seen. Connections are alike, so it does not matter which is which. */
async function outcomes(one: Case, port: number): Promise<Record<string, number>> {
  accept = (socket) => {
    const next = queue.shift();
    if (next) next(socket);
    else socket.destroy();
  };
  const counts: Record<string, number> = {};
  let left = one.times?.all ?? 1;
  const worker = async () => {
    while (left-- > 0) {
      const seen = JSON.stringify(await run(one, port));
      counts[seen] = (counts[seen] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: one.times?.atOnce ?? 1 }, worker));
  return counts;
}

const straight = new Map<string, Record<string, number>>();

for (const way of ['straight', 'gateway', 'direct']) {
  describe(way, () => {
    beforeAll(async () => {
      if (way !== 'direct') return;
      // the relay begins to listen: the agent goes over to it by itself
      await installation.service('relay').stop(20_000);
      await installation.addRelay('relay', { SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${await freePort()}` });
      await until(async () => (await wayNow()) === null, AbortSignal.timeout(30_000), 200);
    });

    for (const one of CASES.filter((each) => LONG || each.long !== true)) {
      const timeout = one.long === true ? 1_800_000 : 120_000;
      it(one.name, { timeout }, async () => {
        const seen = await outcomes(one, (ways.get(way) as () => number)());
        if (way === 'straight') straight.set(one.name, seen);
        const known = results.get(one.name) ?? new Map<string, string>();
        results.set(one.name, known.set(way, 'differs'));
        expect(seen).toEqual(straight.get(one.name));
        known.set(way, way === 'straight' ? summary(seen) : 'the same');
      });
    }

    it('left no session without an exact record', async () => {
      if (way === 'straight') return;
      const records = await system.recordsWhen(serverId, (found) => found.every((record) => record.state === 'final'), 30_000);
      const carried = records.filter(
        (record) => (record.gateway === null) === (way === 'direct') && record.outcome === 'completed',
      );
      const resets = carried.filter((record) => record.endReason?.endsWith('reset') === true);
      const ended = carried.filter((record) => !resets.includes(record));
      expect(new Set(ended.map((record) => record.exactness))).toEqual(new Set(['exact']));
      expect(ended.filter((record) => record.countsDiffer || record.agentBytesUp !== record.bytesUp)).toEqual([]);
    });
  });
}

/** Opens and ends a session; how it went: null is without a gateway. */
async function wayNow(): Promise<string | null | undefined> {
  accept = (socket) => socket.on('end', () => socket.end()).resume();
  const known = new Set((await system.records(serverId)).map((record) => record.id));
  const socket = connect((ways.get('direct') as () => number)(), '127.0.0.1', () => socket.end());
  await new Promise((resolve) =>
    socket
      .on('error', () => undefined)
      .once('close', resolve)
      .resume(),
  );
  const fresh = (records: { id: string; outcome: string | null }[]) =>
    records.find((record) => !known.has(record.id) && record.outcome !== null);
  const record = (await system.recordsWhen(serverId, (found) => fresh(found) !== undefined)).find((each) => !known.has(each.id));
  return record?.outcome === 'completed' ? record.gateway : undefined;
}

const summary = (seen: Record<string, number>): string =>
  Object.entries(seen)
    .map(([text, count]) => {
      const { client, target } = JSON.parse(text) as { client: Seen; target: Seen };
      const side = (of: Seen) =>
        of.stream === 'a prefix'
          ? (of.error ?? (of.ended ? 'end' : 'closed'))
          : `${of.received} bytes, ${of.error ?? (of.ended ? 'end' : 'closed')}`;
      return `${count === 1 ? '' : `${count} times `}client: ${side(client)}; target: ${side(target)}`;
    })
    .join(' · ');

/** The matrix as a document. */
function report(): string {
  const rows = [...results].map(
    ([name, ways]) => `| ${name} | ${ways.get('straight') ?? ''} | ${ways.get('gateway') ?? ''} | ${ways.get('direct') ?? ''} |`,
  );
  return `# Conformance

Made by \`npm run conformance -- --long\` (Node ${process.version}, Linux). Each case is run three times: straight from client to
target, through agent, gateway and relay, and through agent and a relay that listens itself. "The same" means: both sides
received the same number of bytes with the same SHA-256, saw the end or the same error, as in the straight run. Where a
connection is reset, what had arrived is checked to be a prefix of what was sent, and the error to be the same.

| case | straight | gateway | direct |
|---|---|---|---|
${rows.join('\n')}

Not the same, and why: a process of Sluice's own that is killed by SIGKILL leaves an end, not a reset, on the plain socket
next to it (the kernel closes it, and Node has no SO_LINGER); the hop beyond it sees a reset. A target that cannot be reached
is a connect and then a reset, because the agent has accepted before the relay dials.
`;
}

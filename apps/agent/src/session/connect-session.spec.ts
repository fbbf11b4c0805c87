import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Carry, Link, LinkKeepAlive, type Refused } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NoRelayError } from '../link/link-dialler.js';
import { LinkPool } from '../link/link-pool.js';
import { connectSession, type UnansweredAttempt } from './connect-session.js';
import { ExcludedRelays } from './excluded-relays.js';
import { OpeningTrace } from './opening-trace.js';

/** How a relay answers `open`. */
type Answer = 'open' | 'drop' | Pick<Refused, 'reason' | 'safeToRetry'>;

let server: Server;
let pool: LinkPool;
let relays: Record<string, Answer | Answer[]>;
/** The relays that received `open`, in order. */
let asked: string[];
let reported: UnansweredAttempt[];
let excluded: ExcludedRelays;
const sockets = new Set<Socket>();

/** Two connected sockets. */
async function pair(): Promise<[near: Socket, far: Socket]> {
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
  return [near, far];
}

function serve(link: Link, relayId: string): void {
  link.use({
    onData: () => undefined,
    onGone: () => undefined,
    onFrame: (type) => {
      if (type !== 'open') return;
      asked.push(relayId);
      const given = relays[relayId];
      const answer = (Array.isArray(given) ? given.shift() : given) ?? 'drop';
      if (answer === 'drop') return link.destroy();
      if (answer !== 'open') return void link.send('refused', { ...answer, message: `${relayId} refuses` });
      link.send('opened', {});
      void pair().then(([near, far]) => {
        new Carry(link, near, () => undefined).start();
        far.pipe(far); // the resource is an echo server
      });
    },
  });
}

beforeEach(async () => {
  [asked, reported, relays, excluded] = [[], [], {}, new ExcludedRelays()];
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  pool = new LinkPool(
    async (_, avoid) => {
      const relayId = Object.keys(relays).find((id) => !avoid.includes(id));
      if (relayId === undefined) throw new NoRelayError('no relay is there', true);
      const [near, far] = await pair();
      serve(new Link(far), relayId);
      return { link: new Link(near), relayId };
    },
    new LinkKeepAlive(() => 0),
  );
  vi.spyOn(pool, 'warm').mockReturnValue(); // no links ahead of need, so that each attempt dials
});
afterEach(async () => {
  await pool.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});

const ids = { requestId: '5f0f8c1e-3a52-4f6b-9d5e-3f6f3f6a8a01', resourceId: 'db' };
const target = { ...ids, cluster: 'default', sharedListener: false, dialTimeoutSeconds: 5 };

/** Connects a client that sends a text and ends. @returns the result, and what the client received */
async function attempt() {
  const [client, accepted] = await pair();
  accepted.pause();
  let received = '';
  client.on('data', (bytes: Buffer) => (received += bytes.toString()));
  client.end('hello');
  const closed = new Promise((resolve) => client.once('close', resolve));
  const trace = new OpeningTrace(ids, Date.now());
  const result = await connectSession(accepted, target, { pool, excluded, trace, report: (one) => reported.push(one) });
  client.destroySoon();
  await closed;
  return { result, received };
}

it('tries another relay after a refusal that is safe to retry, and loses none of the bytes of the client', async () => {
  relays = { one: { reason: 'connect refused', safeToRetry: true }, two: 'open' };
  expect(await attempt()).toMatchObject({ result: { carried: true, end: { kind: 'ended' } }, received: 'hello' });
  expect([asked, reported]).toEqual([['one', 'two'], []]);
});

it('does not ask a relay again that could not reach the resource while another could, unless no other is left', async () => {
  relays = { one: { reason: 'connect refused', safeToRetry: true }, two: 'open' };
  await attempt();
  await attempt();
  expect(asked).toEqual(['one', 'two', 'two']);
  relays = { one: 'open' };
  pool.clear();
  expect(await attempt()).toMatchObject({ result: { carried: true } });
  expect(asked.at(-1)).toBe('one');
});

it('asks relays again that could not record the session, when no other is left', async () => {
  const failed: Answer = { reason: 'journal failed', safeToRetry: true };
  relays = { one: [failed, failed, 'open'], two: [failed, failed] };
  expect(await attempt()).toMatchObject({ result: { carried: true }, received: 'hello' });
  expect(asked).toEqual(['one', 'two', 'one', 'two', 'one']);
});

it('gives up relays that never record a session after five attempts', async () => {
  relays = { one: { reason: 'journal failed', safeToRetry: true } };
  expect((await attempt()).result).toEqual({ carried: false, reason: 'journal failed', message: 'one refuses' });
  expect(asked).toEqual(Array(5).fill('one'));
});

it('asks no other relay after a refusal that is not safe to retry, and resets the client', async () => {
  relays = { one: { reason: 'no grant', safeToRetry: false }, two: 'open' };
  expect(await attempt()).toEqual({
    result: { carried: false, reason: 'no grant', message: 'one refuses' },
    received: '',
  });
  expect([asked, reported]).toEqual([['one'], []]);
});

it('gives the reason of the relay when no other relay is there', async () => {
  relays = { one: { reason: 'dial timeout', safeToRetry: true } };
  expect((await attempt()).result).toEqual({ carried: false, reason: 'dial timeout', message: 'one refuses' });
  expect(reported).toEqual([]);
});

it('reports that no relay was there', async () => {
  expect((await attempt()).result).toEqual({ carried: false, reason: 'no relay', message: 'no relay is there' });
  expect(reported).toMatchObject([{ attempt: 1, resourceId: 'db', reason: 'no relay', message: 'no relay is there' }]);
});

it('tries again when a link is lost before an answer, and reports the fifth loss', async () => {
  relays = { one: 'drop' };
  expect((await attempt()).result).toMatchObject({ carried: false, reason: 'link lost' });
  expect(asked).toHaveLength(5);
  expect(reported).toMatchObject([{ attempt: 5, reason: 'link lost' }]);
  expect(new Set(reported.map(({ requestId }) => requestId)).size).toBe(1);
});

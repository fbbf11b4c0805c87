import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Link, LinkKeepAlive } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LinkPool } from './link-pool.js';

let server: Server;
let accepted: Socket[] = [];
let pool: LinkPool;
let dialled = 0;
let canDial = true;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  [accepted, dialled, canDial] = [[], 0, true];
  server = createServer((socket) => accepted.push(socket.on('error', () => undefined).resume())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  pool = new LinkPool(
    async () => {
      if (!canDial) throw new Error('no relay');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      return { link: new Link(socket), relayId: `relay-${(dialled++ % 2) + 1}` };
    },
    new LinkKeepAlive(() => 0),
  );
});
afterEach(() => {
  pool.close();
  server.close();
  vi.useRealTimers();
});

const request = { avoid: [], suspect: [], withinMs: 1000 };
const open = () => accepted.filter((socket) => !socket.destroyed).length;

it('keeps two links ready for a cluster that is used, and none two minutes after the last use', async () => {
  pool.warm('default');
  await vi.waitFor(() => expect(open()).toBe(2));
  vi.advanceTimersByTime(119_000);
  expect(open()).toBe(2);
  vi.advanceTimersByTime(3000);
  await vi.waitFor(() => expect(open()).toBe(0));
});

it('returns ready links in turn, dials another, and takes back one whose session ended cleanly', async () => {
  pool.warm('default');
  await vi.waitFor(() => expect(open()).toBe(2));
  const taken = await pool.take('default', request);
  await vi.waitFor(() => expect(open()).toBe(3));
  pool.giveBack('default', taken);
  const next = await Promise.all([1, 2, 3].map(() => pool.take('default', request)));
  expect(next.map(({ link }) => link).indexOf(taken.link)).toBe(2); // after those that were ready before it
});

it('replaces a link after a while, so that relays that were added are used too, but keeps it while no other can be dialled', async () => {
  const used = await pool.take('default', request);
  vi.advanceTimersByTime(14_000);
  pool.giveBack('default', used);
  expect((await pool.take('default', request)).link).toBe(used.link);
  await vi.waitFor(() => expect(open()).toBeGreaterThan(1));
  vi.advanceTimersByTime(12_000);
  canDial = false;
  await pool.take('default', request);
  await pool.take('default', request); // no link is ready, so the pool dials
  await expect(pool.take('default', { ...request, withinMs: 50 })).rejects.toThrow('no relay');
  pool.giveBack('default', used);
  expect(used.link.alive).toBe(true);
  canDial = true;
  vi.advanceTimersByTime(2000);
  const again = await pool.take('default', request);
  expect(again.link).toBe(used.link);
  pool.giveBack('default', again);
  expect(used.link.alive).toBe(false);
});

it('does not return ready links whose relay is to be avoided, or is suspect', async () => {
  pool.warm('default');
  await vi.waitFor(() => expect(open()).toBe(2));
  expect((await pool.take('default', { ...request, avoid: ['relay-1'] })).relayId).toBe('relay-2');
  await vi.waitFor(() => expect(open()).toBe(3));
  expect((await pool.take('default', { ...request, suspect: ['relay-2'] })).relayId).toBe('relay-1');
});

it('does not take back a link from before it was cleared: it belongs to another login, or takes a longer route', async () => {
  const carrying = await pool.take('default', request);
  pool.clear();
  pool.giveBack('default', carrying);
  expect(carrying.link.alive).toBe(false);
  const later = await pool.take('default', request);
  pool.clear('another');
  pool.giveBack('default', later);
  expect(later.link.alive).toBe(true);
});

it('closes a link that it does not need without cutting off the last frames', async () => {
  const [surplus, outdated] = [await pool.take('default', request), await pool.take('default', request)];
  const sendLast = (entry: typeof surplus) => {
    entry.link.hold(); // as at the end of a session, whose last frames leave together
    entry.link.send('settled', { received: 0, sent: 0 });
  };
  const taken = await Promise.all(Array.from({ length: 32 }, () => pool.take('default', request)));
  for (const entry of taken) pool.giveBack('default', entry);
  const before = accepted.reduce((sum, socket) => sum + socket.bytesRead, 0);
  sendLast(surplus);
  pool.giveBack('default', surplus);
  pool.clear();
  sendLast(outdated);
  pool.giveBack('default', outdated);
  expect([surplus.link.alive, outdated.link.alive]).toEqual([false, false]);
  await vi.waitFor(() => expect(open()).toBe(0));
  const bytes = accepted.reduce((sum, socket) => sum + socket.bytesRead, 0) - before;
  expect(bytes).toBe(2 * (4 + JSON.stringify({ received: 0, sent: 0 }).length));
});

it('serves a burst with a limited number of dials at once, and with the links that come back', async () => {
  const taken = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const entry = await pool.take('default', request);
      pool.giveBack('default', entry);
      return entry.link;
    }),
  );
  expect(taken).toHaveLength(200);
  expect(dialled).toBeLessThanOrEqual(64 + 2);
});

it('refuses a connection that has waited until its deadline', async () => {
  const silent = new LinkPool(() => new Promise(() => undefined), new LinkKeepAlive(() => 0));
  await expect(silent.take('default', { ...request, withinMs: 5 })).rejects.toThrow('no link became available in time');
  silent.close();
});

it('gives a connection that waits during a change of login a link of the new login', async () => {
  const waits = pool.take('default', request);
  pool.clear();
  const taken = await waits;
  await vi.waitFor(() => expect(dialled).toBeGreaterThanOrEqual(2));
  pool.giveBack('default', taken);
  expect(taken.link.alive).toBe(true);
});

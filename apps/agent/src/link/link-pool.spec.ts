import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Link, LinkKeeper } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LinkPool } from './link-pool.js';

let server: Server;
let accepted: Socket[] = [];
let pool: LinkPool;
let dialled = 0;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  [accepted, dialled] = [[], 0];
  server = createServer((socket) => accepted.push(socket.on('error', () => undefined).resume())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  pool = new LinkPool(
    async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      return { link: new Link(socket), relayId: `relay-${(dialled++ % 2) + 1}` };
    },
    new LinkKeeper(() => 0),
  );
});
afterEach(() => {
  pool.close();
  server.close();
  vi.useRealTimers();
});

const open = () => accepted.filter((socket) => !socket.destroyed).length;

it('has two links ready for a cluster that is used, and none two minutes after the last use', async () => {
  pool.warm('default');
  await vi.waitFor(() => expect(open()).toBe(2));
  vi.advanceTimersByTime(119_000);
  expect(open()).toBe(2);
  vi.advanceTimersByTime(3000);
  await vi.waitFor(() => expect(open()).toBe(0));
});

it('gives a ready link, makes another, and takes back one whose session ended well', async () => {
  pool.warm('default');
  await vi.waitFor(() => expect(open()).toBe(2));
  const taken = await pool.take('default', []);
  await vi.waitFor(() => expect(open()).toBe(3));
  pool.giveBack('default', taken);
  expect((await pool.take('default', [])).link).toBe(taken.link);
});

it('leaves ready links alone whose relay is to be avoided, or is suspect', async () => {
  pool.warm('default');
  await vi.waitFor(() => expect(open()).toBe(2));
  expect((await pool.take('default', ['relay-1'])).relayId).toBe('relay-2');
  await vi.waitFor(() => expect(open()).toBe(3));
  const [suspect] = [await pool.take('default', [], ['relay-2'])];
  expect(suspect.relayId).toBe('relay-1');
});

it('does not take back a link from before it was cleared: it is of another login, or of a longer way', async () => {
  const carrying = await pool.take('default', []);
  pool.clear();
  pool.giveBack('default', carrying);
  expect(carrying.link.alive).toBe(false);
  const later = await pool.take('default', []);
  pool.clear('another');
  pool.giveBack('default', later);
  expect(later.link.alive).toBe(true);
});

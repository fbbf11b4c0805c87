import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Link } from '../link/link.js';
import { Carry } from './carry.js';
import type { CarryEnd } from './carry-end.js';
import { CARRIED_SOCKET } from './certain-ends.js';
import { socketPair } from '../testing/socket-pair.js';

const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['SLUICE_FUZZ_SEED']);

/** A link over a socket. */
function linkOver(socket: Socket): Link {
  const link = new Link(socket);
  socket.resume();
  return link;
}

/** Carries between two sockets over a link. Resolves to how the carry ended, as seen from each end. */
function carryBoth(links: [Link, Link], near: Socket, far: Socket) {
  const ends = links.map(
    (link, i) =>
      new Promise<{ end: CarryEnd; carry: Carry }>((resolve) => {
        const carry: Carry = new Carry(link, i === 0 ? near : far, (end) => resolve({ end, carry }));
        carry.start();
      }),
  );
  return Promise.all(ends);
}

/** Everything that a socket receives until it ends or fails. */
async function receive(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  return Buffer.concat(chunks);
}

const step = fc.record({
  who: fc.constantFrom('client', 'target'),
  bytes: fc.integer({ min: 0, max: 90_000 }),
  turn: fc.boolean(),
});

describe('a link that carries one session after the other', () => {
  it(`delivers no byte of one session in another, however their ends interleave (${RUNS} runs, seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { minLength: 2, maxLength: 3 }), async (sessions) => {
        const [one, other] = await socketPair(CARRIED_SOCKET);
        const links: [Link, Link] = [linkOver(one), linkOver(other)];
        for (const [number, steps] of sessions.entries()) {
          const [client, agentSide] = await socketPair(CARRIED_SOCKET);
          const [relaySide, target] = await socketPair(CARRIED_SOCKET);
          const ended = carryBoth(links, agentSide, relaySide);
          const [up, down] = [receive(target), receive(client)];
          const sent = { client: 0, target: 0 };
          for (const { who, bytes, turn } of steps) {
            (who === 'client' ? client : target).write(Buffer.alloc(bytes, number * 2 + (who === 'client' ? 1 : 2)));
            sent[who as 'client'] += bytes;
            if (turn) await new Promise(setImmediate);
          }
          client.end();
          target.end();
          const results = await ended;
          expect(results.map(({ end }) => end.kind)).toEqual(['ended', 'ended']);
          expect((await up).equals(Buffer.alloc(sent.client, number * 2 + 1))).toBe(true);
          expect((await down).equals(Buffer.alloc(sent.target, number * 2 + 2))).toBe(true);
          for (const { carry } of results) {
            expect(carry.differs).toBe(false);
            expect(carry.counts.handed).toBe(carry.counts.delivered);
          }
        }
        for (const socket of [one, other]) socket.destroy();
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it('notices that the peer counted differently, and carries no further session', async () => {
    const [one, other] = await socketPair(CARRIED_SOCKET);
    const link = linkOver(one);
    const liar = linkOver(other);
    const [client, agentSide] = await socketPair(CARRIED_SOCKET);
    const ended = new Promise<{ end: CarryEnd; carry: Carry }>((resolve) => {
      const carry: Carry = new Carry(link, agentSide, (end) => resolve({ end, carry }));
      carry.start();
    });
    liar.use({
      onData: () => undefined,
      onFrame: (type) => {
        if (type === 'end') liar.send('end');
        if (type === 'settled') liar.send('settled', { received: 4, sent: 0 });
      },
      onGone: () => undefined,
    });
    client.resume();
    client.end('hello');
    const { end, carry } = await ended;
    expect(end).toEqual({ kind: 'ended', first: 'local' });
    expect(carry.differs).toBe(true);
    expect(carry.peer).toEqual({ received: 4, sent: 0 });
    expect(carry.counts.read).toBe(5);
    expect(link.alive).toBe(false);
  });
});

it('recognizes a reset that arrives together with the last bytes as a reset, not as an end', async () => {
  const [one, other] = await socketPair(CARRIED_SOCKET);
  const links: [Link, Link] = [linkOver(one), linkOver(other)];
  const server = createServer({ ...CARRIED_SOCKET, allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const script = `const s=require('net').connect(${(server.address() as AddressInfo).port},'127.0.0.1',()=>s.write(Buffer.alloc(50000),()=>s.resetAndDestroy()))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  const [client] = (await once(server, 'connection')) as [Socket];
  client.on('error', () => undefined);
  await once(child, 'exit'); // the bytes and the reset are now pending together
  const [relaySide, target] = await socketPair(CARRIED_SOCKET);
  const ends = carryBoth(links, client, relaySide);
  const received = receive(target);
  const [near, far] = await ends;
  expect(near?.end.kind).toBe('local-reset');
  expect(far?.end.kind).toBe('remote-reset');
  expect((await received).length).toBeLessThanOrEqual(50_000);
  server.close();
});

it('continues when a full queue and the end arrive in one read: an ended socket emits no `drain`', async () => {
  const [one, other] = await socketPair(CARRIED_SOCKET);
  const link = linkOver(one);
  const peer = linkOver(other);
  const [relaySide, target] = await socketPair(CARRIED_SOCKET);
  relaySide.write(Buffer.alloc(16 * 1024 * 1024)); // more than the kernel buffers while nobody reads
  const ended = new Promise<CarryEnd>((resolve) => new Carry(link, relaySide, resolve).start());
  peer.use({
    onData: () => undefined,
    onFrame: (type) => void (type === 'settled' && peer.send('settled', { received: 0, sent: 5 })),
    onGone: () => undefined,
  });
  peer.hold();
  peer.sendData(Buffer.from('hello'));
  peer.send('end');
  const received = receive(target);
  target.end();
  expect((await received).length).toBe(16 * 1024 * 1024 + 5);
  expect((await ended).kind).toBe('ended');
  expect(link.alive).toBe(true);
});

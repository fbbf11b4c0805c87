import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Link } from './link.js';

let near: Link;
let socket: Socket;
let far: Link;
/** What the far end received: frames, then `gone`. */
let events: string[];
let gone: Promise<void>;

beforeEach(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [other] = (await once(server, 'connection')) as [Socket];
  server.close();
  [near, far, events] = [new Link(socket), new Link(other), []];
  gone = new Promise((resolve) =>
    far.use({
      onData: (piece) => void events.push(`data ${piece.length}`),
      onFrame: (type) => void events.push(type),
      onGone: () => {
        events.push('gone');
        resolve();
      },
    }),
  );
});

describe('a link', () => {
  it('delivers what was sent last when it is closed, and sends nothing after that', async () => {
    near.hold();
    near.send('end');
    near.send('settled', { received: 0, sent: 0 });
    near.close();
    expect(near.alive).toBe(false);
    near.send('end'); // ignored: the link is being closed
    await gone;
    expect(events).toEqual(['end', 'settled', 'gone']);
  });

  it('is closed when the peer keeps sending requests without reading responses, before they accumulate', async () => {
    let answers = 0;
    far.use({
      onData: () => undefined,
      onFrame: () => far.answer('refused', { message: 'x'.repeat(400), answer: ++answers }),
      onGone: (error) => events.push(error?.message ?? 'gone'),
    });
    near.pause();
    const ask = setInterval(() => {
      for (let i = 0; i < 1000; i++) near.send('open', { resourceId: 'any' });
    }, 1);
    await far.left;
    clearInterval(ask);
    expect(events).toEqual(['the peer does not read responses']);
  });

  it('may lose what was sent last when it is destroyed, so the peer does not take the session for ended', async () => {
    near.hold();
    near.send('end');
    near.destroy();
    await gone;
    expect(events).toEqual(['gone']);
  });

  it('delivers the reason of a reset after everything sent before, even while the peer continues to send', async () => {
    far.pause();
    near.sendData(Buffer.alloc(8 << 20));
    near.reset({ reason: 'idle', message: 'nothing was carried' });
    far.sendData(Buffer.alloc(1000));
    await vi.waitFor(() => expect(socket.bytesRead).toBeGreaterThan(1000));
    far.resume();
    await gone;
    expect(events.slice(-2)).toEqual(['reset', 'gone']);
  });

  it('is destroyed after the close grace when the peer never closes its side', async () => {
    const silent = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const link = new Link(connect((silent.address() as AddressInfo).port, '127.0.0.1'));
    const [held] = (await once(silent, 'connection')) as [Socket];
    silent.close();
    const over = new Promise<void>((resolve) =>
      link.use({ onData: () => undefined, onFrame: () => undefined, onGone: () => resolve() }),
    );
    held.resume();
    link.close();
    await over;
    held.destroy();
  });
});

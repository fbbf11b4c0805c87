import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { readEvent } from '../event/read-event.js';
import { Syslog } from './syslog.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
const never = new AbortController().signal;

/** A receiver that counts octets, as RFC 6587 says. */
class Receiver {
  readonly messages: string[] = [];
  readonly sockets: Socket[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('connection', (socket) => receiver.accept(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => receiver.stop());
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Socket): void {
    let rest = Buffer.alloc(0);
    this.sockets.push(socket.on('error', () => undefined));
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const space = rest.indexOf(' ');
        const length = Number(rest.subarray(0, space).toString());
        if (space === -1 || rest.length < space + 1 + length) return;
        this.messages.push(rest.subarray(space + 1, space + 1 + length).toString());
        rest = rest.subarray(space + 1 + length);
      }
    });
  }
}

function syslogTo(port: number): Syslog {
  const receiver = { host: '127.0.0.1', port, tls: false, ca: undefined, certificate: undefined, timeoutMs: 3000 };
  const syslog = new Syslog(receiver, { format: 'json', facility: 13, hostname: 'here', maxBytes: 8192 });
  cleanUps.push(() => syslog.close());
  return syslog;
}

const eventOf = (seq: number, text = '') =>
  readEvent({ seq, subject: 'audit.v1.a.b', time: new Date(0), data: Buffer.from(JSON.stringify({ text })) }, 'AUDIT');

it('delivers messages whole, over one connection, whatever is in them', async () => {
  const receiver = await Receiver.start();
  const syslog = syslogTo(receiver.port);
  await syslog.send([eventOf(1, '5 <0>1 - \n'), eventOf(2, '\u{1f980}\u0000')], never);
  await syslog.send([eventOf(3)], never);
  await expect.poll(() => receiver.messages.length).toBe(3);
  expect(receiver.messages.map((message) => message.slice(message.indexOf('{')))).toEqual([
    '{"text":"5 <0>1 - \\n"}',
    '{"text":"\u{1f980}\\ufffd"}',
    '{"text":""}',
  ]);
  expect(receiver.sockets).toHaveLength(1);
});

it('connects again after the receiver has ended the connection, without a failure in between', async () => {
  const receiver = await Receiver.start();
  const syslog = syslogTo(receiver.port);
  await syslog.send([eventOf(1)], never);
  const [socket] = receiver.sockets;
  socket?.end();
  await once(socket as Socket, 'close');
  await syslog.send([eventOf(2)], never);
  await expect.poll(() => receiver.messages.length).toBe(2);
  expect(receiver.sockets).toHaveLength(2);
});

it('has not sent a batch if the connection is reset a moment later', async () => {
  const receiver = await Receiver.start();
  const syslog = syslogTo(receiver.port);
  await syslog.send([eventOf(1)], never);
  receiver.sockets[0]?.once('data', () => receiver.sockets[0]?.resetAndDestroy());
  await expect(syslog.send([eventOf(2)], never)).rejects.toThrow(/the connection was lost .* events .* sent/);
  await syslog.send([eventOf(2)], never);
  await expect.poll(() => receiver.messages.at(-1)).toContain('number="2"');
});

it('says why it cannot be reached, and gives up a receiver that reads nothing', async () => {
  const receiver = await Receiver.start();
  const { port } = receiver;
  const large = Array.from({ length: 4000 }, (_, at) => eventOf(at, 'x'.repeat(7000)));
  const syslog = syslogTo(port);
  await syslog.send([eventOf(1)], never);
  receiver.sockets[0]?.pause();
  await expect(syslog.send(large, AbortSignal.timeout(500))).rejects.toThrow('the time was up while events were being sent');
  receiver.stop();
  await expect(syslogTo(port).send([eventOf(1)], never)).rejects.toThrow('ECONNREFUSED');
});

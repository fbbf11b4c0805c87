// As load.c, where no compiler is; and what holds sessions open, whose cost does not count. Each kind writes one line of JSON.
//   serve                            echoes what it gets, at a free port of loopback, which it writes first
//   sessions PORT COUNT [PAUSE_MS]   one after the other: connect, one byte, its echo, close; microseconds each
//   cold PORT COUNT                  as sessions, but none is closed before the last is open
//   echo PORT COUNT                  one connection: 64 bytes to and fro; microseconds each
//   rate PORT SECONDS PARALLEL       sessions as fast as they go
//   hold PORT COUNT                  opens COUNT sessions, prints that, holds them until standard input ends
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [kind, port, ...rest] = process.argv.slice(2);
const numbers = rest.map(Number);
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Opens a session: resolves with the socket when the echo of its first byte is there. */
const open = () =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true }, () => socket.write('x'));
    socket.once('data', () => resolve(socket)).once('error', reject);
  });

/** Ends a session in order. */
const close = (socket) => new Promise((resolve) => socket.once('close', resolve).end().resume());

async function sessions(count, pauseMs = 0) {
  const took = [];
  for (let i = 0; i < count; i++) {
    const from = process.hrtime.bigint();
    const socket = await open();
    took.push(Number(process.hrtime.bigint() - from) / 1000);
    await close(socket);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  took.sort((a, b) => a - b);
  say({ p50: percentile(took, 0.5), p99: percentile(took, 0.99), first: took[0] });
}

async function cold(count) {
  const took = [];
  const held = [];
  for (let i = 0; i < count; i++) {
    const from = process.hrtime.bigint();
    held.push(await open());
    took.push(Number(process.hrtime.bigint() - from) / 1000);
  }
  await Promise.all(held.map(close));
  took.sort((a, b) => a - b);
  say({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
}

async function echo(count) {
  const socket = await open();
  const message = Buffer.alloc(64, 7);
  const took = [];
  for (let i = 0; i < count; i++) {
    const from = process.hrtime.bigint();
    await new Promise((resolve) => {
      let left = message.length;
      const take = (chunk) => {
        left -= chunk.length;
        if (left > 0) return;
        socket.off('data', take);
        resolve();
      };
      socket.on('data', take);
      socket.write(message);
    });
    took.push(Number(process.hrtime.bigint() - from) / 1000);
  }
  await close(socket);
  took.sort((a, b) => a - b);
  say({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
}

async function rate(seconds, parallel) {
  const until = Date.now() + seconds * 1000;
  let done = 0;
  let failed = 0;
  const one = async () => {
    while (Date.now() < until) {
      await open()
        .then(close)
        .then(
          () => done++,
          () => failed++,
        );
    }
  };
  await Promise.all(Array.from({ length: parallel }, one));
  say({ done, failed, perSecond: done / seconds });
}

async function hold(count) {
  const held = [];
  for (let i = 0; i < count; i += 50) held.push(...(await Promise.all(Array.from({ length: Math.min(50, count - i) }, open))));
  say({ held: held.length });
  process.stdin.resume().once('end', () => process.exit());
}

function serve() {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket
      .on('data', (chunk) => socket.write(chunk))
      .on('end', () => socket.end())
      .on('error', () => undefined);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => say(server.address().port));
}

await { sessions, cold, echo, rate, hold, serve }[kind](...numbers);

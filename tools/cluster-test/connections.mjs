// Connections through an agent, from outside the cluster, as plain sockets see them. All but `echo` run until standard input ends, and then
// print an array of JSON with one object for each connection: what it sent and received, and how it ended.
//
//   echo PORT         a server that sends back what it receives, the PROXY header of the relay too
//   load PORT RATE    RATE connects a second, each with an answer of its own length, and closed half a second later
//   hold PORT COUNT   sessions that never rest: each sends every second; `open` is printed once all have had an answer
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [mode, port, amount] = process.argv.slice(2);
/** Length of a PROXY header with IPv4 addresses. */
const HEADER = 28;
/** Shortest payload; each connection of a load sends one byte more than the one before it, so that its record cannot be another's. */
const SHORTEST = 1000;
const ANSWER_WITHIN_MS = 45_000;
const CLOSE_WITHIN_MS = 15_000;
const HELD_MS = 500;
/** How many of those that are held are opened at the same time. */
const TOGETHER = 10;
const stdinEnded = new Promise((resolve) => process.stdin.resume().once('end', resolve).once('close', resolve));

/** One connection. `address` is the agent's end of the link, which its record has too. */
class Connection {
  seen = { at: Date.now(), address: null, up: 0, down: 0, answeredMs: null, failed: null, cutAt: null, endedAt: null };
  #ending = false;
  #answered;
  #closed;

  constructor() {
    const socket = connect(Number(port), '127.0.0.1');
    this.socket = socket;
    let head = Buffer.alloc(0);
    socket.on('data', (data) => {
      this.seen.down += data.length;
      if (head.length < HEADER) head = Buffer.concat([head, data]);
      if (head.length >= HEADER && this.seen.address === null)
        this.seen.address = `${head.subarray(16, 20).join('.')}:${head.readUInt16BE(24)}`;
      if (this.seen.down >= HEADER + this.seen.up) this.#answered?.();
    });
    let why = 'closed without an answer';
    socket.on('error', (error) => (why = error.code ?? error.message));
    this.#closed = new Promise((resolve) =>
      socket.once('close', () => {
        if (this.seen.answeredMs === null) this.seen.failed ??= why;
        else if (!this.#ending) this.seen.cutAt = Date.now();
        resolve();
      }),
    );
  }

  send(bytes) {
    if (this.socket.destroyed) return;
    this.seen.up += bytes;
    this.socket.write(Buffer.alloc(bytes, 'x'));
  }

  /** Sends, and waits for the whole answer. @returns whether it came */
  async ask(bytes) {
    const begun = performance.now();
    const answered = new Promise((resolve) => (this.#answered = resolve)).then(() => {
      this.seen.answeredMs = Math.round(performance.now() - begun);
    });
    const timer = setTimeout(() => {
      this.seen.failed = `no answer within ${ANSWER_WITHIN_MS / 1000} s`;
      this.socket.destroy();
    }, ANSWER_WITHIN_MS);
    this.send(bytes);
    await Promise.race([answered, this.#closed]);
    clearTimeout(timer);
    return this.seen.answeredMs !== null;
  }

  /** Ends it in order, unless it has ended. */
  async end() {
    this.#ending = true;
    this.seen.endedAt = Date.now();
    this.socket.end();
    const timer = setTimeout(() => {
      this.seen.failed = `open ${CLOSE_WITHIN_MS / 1000} s after its end`;
      this.socket.destroy();
    }, CLOSE_WITHIN_MS);
    await this.#closed;
    clearTimeout(timer);
    return this.seen;
  }
}

async function load() {
  const all = [];
  const one = async (number) => {
    const connection = new Connection();
    if (await connection.ask(SHORTEST + number)) await sleep(HELD_MS);
    return connection.end();
  };
  const timer = setInterval(() => all.push(one(all.length)), 1000 / Number(amount));
  await stdinEnded;
  clearInterval(timer);
  return Promise.all(all);
}

async function hold() {
  const all = [];
  while (all.length < Number(amount)) {
    const some = Array.from({ length: Math.min(TOGETHER, Number(amount) - all.length) }, () => new Connection());
    all.push(...some);
    await Promise.all(some.map((connection) => connection.ask(10)));
  }
  const timers = all.map((connection, index) => {
    let timer;
    const start = setTimeout(() => (timer = setInterval(() => connection.send(10), 1000)), (1000 * index) / all.length);
    return () => (clearTimeout(start), clearInterval(timer));
  });
  console.error('open');
  await stdinEnded;
  for (const stop of timers) stop();
  await sleep(1000); // the last answers
  return Promise.all(all.map((connection) => connection.end()));
}

if (mode === 'echo')
  createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket)).listen(
    Number(port),
    '0.0.0.0',
  );
else process.stdout.write(JSON.stringify(await (mode === 'load' ? load() : hold())), () => process.exit(0));

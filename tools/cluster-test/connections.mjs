// Connections through an agent, from outside the cluster. It runs until its standard input ends, and then prints JSON.
//
//   echo PORT         a server that sends back what it receives
//   load PORT         twenty connects a second, each held for half a second after its first answer
//   hold PORT COUNT   sessions that never rest: each sends and waits for the answer twice a second; says when each was cut
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [mode, port, count] = process.argv.slice(2);
const RATE = 20;
const ended = new Promise((resolve) => process.stdin.resume().once('end', resolve).once('close', resolve));

/** Opens one that has had an answer. */
function carried() {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('hello'));
    let code = 'closed without an answer';
    socket.on('error', (error) => (code = error.code ?? error.message));
    const timer = setTimeout(() => reject(new Error('no answer within 15 s')), 15_000);
    socket.once('data', () => resolve({ socket: socket.resume(), ms: performance.now() - begun }));
    socket.once('close', () => reject(new Error(code)));
    socket.once('data', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  });
}

async function load() {
  const results = [];
  const one = async () => {
    const at = Date.now();
    try {
      const { socket, ms } = await carried();
      let early = false;
      socket.once('close', () => (early = true));
      await sleep(500);
      if (early) return { at, cut: true, ms };
      socket.end();
      return { at, ms };
    } catch (error) {
      return { at, failed: error.message };
    }
  };
  const timer = setInterval(() => results.push(one()), 1000 / RATE);
  await ended;
  clearInterval(timer);
  const all = await Promise.all(results);
  const times = all.flatMap(({ ms }) => (ms === undefined ? [] : [ms])).sort((a, b) => a - b);
  const failed = all.filter((result) => result.failed !== undefined);
  return {
    connects: all.length,
    failed: failed.map(({ at, failed: why }) => ({ at, why })),
    cut: all.filter((result) => result.cut).map(({ at }) => at),
    medianMs: Math.round(times[Math.floor(times.length / 2)] ?? 0),
    slowestMs: Math.round(times.at(-1) ?? 0),
  };
}

async function hold() {
  const sessions = await Promise.all(
    Array.from({ length: Number(count) }, async () => {
      const session = { port: 0, cutAt: null };
      const { socket } = await carried();
      session.port = socket.localPort;
      const timer = setInterval(() => socket.write('still here'), 500);
      socket.once('close', () => {
        clearInterval(timer);
        session.cutAt = Date.now();
      });
      return { session, socket };
    }),
  );
  console.error('open');
  await ended;
  const result = sessions.map(({ session }) => ({ ...session }));
  for (const { socket } of sessions) socket.end();
  return result;
}

if (mode === 'echo') {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
  server.listen(Number(port), '0.0.0.0');
  await ended;
  process.exit(0);
}
console.log(JSON.stringify(await (mode === 'load' ? load() : hold())));

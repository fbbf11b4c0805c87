// Runs in a network namespace that is a machine of its own: PostgreSQL, NATS, and a process that holds a lock of the one and answers
// requests of the other. Then not a packet of that process arrives any more, as when its machine loses power, nor any of this process over
// its connections to PostgreSQL. Prints after how many milliseconds
//
//   lock      the lock of the process is free
//   request   a request is refused because nobody is there, which is when another copy is asked
//   query     a query fails, so that the next one uses a new connection
//   idle      who holds a lock learns that the connection is lost
//   waiting   who waits for a lock does
//   release   who releases a lock is done, so that a copy that could not publish tries again
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, errors } from '@nats-io/transport-node';
import { startNats, startPostgres } from '@sluice/embedded';
import { LockedListener, openDatabase } from '@sluice/persistence';
import { until } from '@sluice/process';

const [mode, ...given] = process.argv.slice(2);
const SUBJECT = 'work';
const never = new AbortController().signal;
const takeLock = (url, lock = 1) => LockedListener.acquire(url, lock, 'nothing', () => undefined, never);

async function hold(postgres, nats) {
  await takeLock(postgres);
  const bus = await connect({ servers: nats });
  bus.subscribe(SUBJECT, { callback: (_, message) => message.respond() });
  await bus.flush();
  console.log('held');
}

/** The local ports of a process's connections, to one port or to all. */
function portsOf(pid, to = '') {
  const lines = execFileSync('ss', ['-Htnp']).toString().split('\n');
  const columns = lines.filter((line) => line.includes(`pid=${pid},`)).map((line) => line.split(/\s+/));
  return columns.filter(([, , , , peer]) => peer.endsWith(to)).map(([, , , local]) => local.split(':').at(-1));
}

async function lose(folder) {
  const [postgres, nats] = await Promise.all([
    startPostgres(path.join(folder, 'postgres'), 'of this test'),
    startNats(path.join(folder, 'nats'), ''),
  ]);
  const holder = spawn(process.execPath, [import.meta.filename, 'hold', postgres.url, nats.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    const bus = await connect({ servers: nats.url });
    await bus.request(SUBJECT);
    const postgresPort = `:${new URL(postgres.url).port}`;
    const database = await openDatabase({ url: postgres.url, schema: 'public', tables: [] });
    await database.query('select 1');
    const idle = await takeLock(postgres.url, 2);
    const releasing = await takeLock(postgres.url, 3);
    const waiting = takeLock(postgres.url).catch(() => undefined);
    await until(() => portsOf(process.pid, postgresPort).length === 4);
    const ports = [...portsOf(holder.pid), ...portsOf(process.pid, postgresPort)];
    const rules = ['dport', 'sport'].map((end) => `tcp ${end} { ${ports.join(', ')} } drop`).join('\n');
    execFileSync('nft', ['-f', '-'], {
      input: `table inet lost {\nchain in {\ntype filter hook input priority 0\n${rules}\n}\n}\n`,
    });
    const lost = performance.now();
    holder.kill('SIGKILL');
    const since = () => Math.round(performance.now() - lost);
    const lock = takeLock(postgres.url).then(async (listener) => {
      const ms = since();
      await listener.release();
      return ms;
    });
    const refused = async () => {
      for (;;) {
        const error = await bus.request(SUBJECT, undefined, { timeout: 1000 }).catch((thrown) => thrown);
        if (error.cause instanceof errors.NoRespondersError || error instanceof errors.NoRespondersError) return since();
        await sleep(200);
      }
    };
    const unanswered = database.query('select 2').then(() => 0, since);
    const released = releasing.release().then(since);
    const names = ['lock', 'request', 'query', 'idle', 'waiting', 'release'];
    const times = await Promise.all([lock, refused(), unanswered, idle.lost.then(since), waiting.then(since), released]);
    await database.query('select 3');
    await database.destroy();
    await bus.close();
    console.log(
      JSON.stringify({ connections: ports.length, ms: Object.fromEntries(names.map((name, at) => [name, times[at]])) }),
    );
  } finally {
    holder.kill('SIGKILL');
    await Promise.all([postgres.stop(), nats.stop()]);
  }
}

if (mode === 'hold') await hold(...given);
else {
  await lose(...given);
  process.exit(0);
}

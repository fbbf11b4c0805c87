// Runs in a network namespace that is a machine of its own: PostgreSQL, NATS, and a process that holds a lock of the one and answers
// requests of the other. Then not a packet of that process arrives any more, as when its machine loses power. Prints after how many
// milliseconds the lock is free, and after how many a request is refused because nobody is there, which is when another copy is asked.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, errors } from '@nats-io/transport-node';
import { startNats, startPostgres } from '@sluice/embedded';
import { LockedListener } from '@sluice/persistence';

const [mode, ...given] = process.argv.slice(2);
const SUBJECT = 'work';
const never = new AbortController().signal;
const takeLock = (url) => LockedListener.acquire(url, 1, 'nothing', () => undefined, never);

async function hold(postgres, nats) {
  await takeLock(postgres);
  const bus = await connect({ servers: nats });
  bus.subscribe(SUBJECT, { callback: (_, message) => message.respond() });
  await bus.flush();
  console.log('held');
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
    const sockets = execFileSync('ss', ['-Htnp']).toString().split('\n');
    const ports = sockets
      .filter((line) => line.includes(`pid=${holder.pid},`))
      .map((line) => line.split(/\s+/)[3].split(':').at(-1));
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
    const [lockMs, refusedMs] = await Promise.all([lock, refused()]);
    await bus.close();
    console.log(JSON.stringify({ connections: ports.length, lockMs, refusedMs }));
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

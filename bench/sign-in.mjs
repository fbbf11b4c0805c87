// `node bench/sign-in.mjs`, after `npm run build`: how long a sign-in takes, over the whole way (HTTP, gateway, NATS, registry,
// PostgreSQL), while 200 wrong ones from other addresses are in flight all the time. One table of milliseconds.
//   --times N   sign-ins of each kind (default 20)
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const FLOOD = 200;
const PASSWORD = 'correct horse battery staple';
const { values } = parseArgs({ options: { times: { type: 'string', default: '20' } } });
const TIMES = Number(values.times);

/** A sign-in from one of this machine's loopback addresses. @returns the status and milliseconds */
function signIn(url, from, email, password, agent = false) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', localAddress: from, agent, headers: { 'content-type': 'application/json' } };
    const asked = request(`${url}/api/v1/logins`, options, (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode, ms: performance.now() - began }));
    });
    asked.once('error', reject).end(JSON.stringify({ email, password }));
  });
}

/** Sends wrong sign-ins, so many at a time, from addresses in turn, and counts the answers; in a thread of its own. */
async function flood({ url, addresses }) {
  const answers = {};
  let sent = 0;
  let over = false;
  parentPort.once('message', () => (over = true));
  const one = async (place) => {
    const from = addresses[place % addresses.length];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over) {
      const { status } = await signIn(url, from, `flood-${sent++ % 1000}@example.test`, 'a wrong guess', agent).catch(() => ({
        status: 'closed',
      }));
      answers[status] = (answers[status] ?? 0) + 1;
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: FLOOD }, (_, place) => one(place)));
  parentPort.postMessage(answers);
}

async function measure() {
  const { unwrap } = await import('@sluice/sdk');
  const { startInstallation } = await import('./installation.mjs');
  const { system, stop } = await startInstallation();
  try {
    const { admin, handle } = system;
    const email = 'somebody@example.test';
    await unwrap(admin.POST('/api/v1/users', { body: { email, apiRole: 'user', password: PASSWORD } }));
    let used = 0;
    const rounds = async (from) => {
      const took = [];
      for (let i = 0; i < TIMES; i++) {
        const { status, ms } = await signIn(handle.url, from(), email, PASSWORD);
        if (status !== 200) throw new Error(`a right sign-in was answered with ${status}`);
        took.push(ms);
      }
      took.sort((a, b) => a - b);
      return [took[0], took[Math.floor(took.length / 2)], took.at(-1)].map(Math.round).join(' / ');
    };
    const newAddress = () => `127.77.${Math.floor(++used / 250)}.${(used % 250) + 1}`;
    const row = async (name) => ({
      flood: name,
      'new address, min / median / max': await rounds(newAddress),
      'known address': await rounds(() => '127.78.0.1'),
    });
    await rounds(() => '127.78.0.1');
    const rows = [await row('none')];
    for (const addresses of [1, 20, 200]) {
      const from = Array.from({ length: addresses }, (_, i) => `127.${addresses === 1 ? 70 : 71 + (addresses > 20)}.0.${i + 1}`);
      const worker = new Worker(new URL(import.meta.url), { workerData: { url: handle.url, addresses: from } });
      await sleep(1000); // it is under way
      const measured = await row(`200 in flight from ${addresses}`);
      const answers = new Promise((resolve) => worker.once('message', resolve));
      worker.postMessage('over');
      rows.push({ ...measured, 'answers to the flood': JSON.stringify(await answers) });
    }
    console.table(rows);
  } finally {
    await stop();
  }
}

await (isMainThread ? measure() : flood(workerData));

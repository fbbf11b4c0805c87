// `node bench/console.mjs`, after `npm run build`, with a Chromium on the machine: the console with much to show.
//   a table of 10,000 servers: until it is there, frames while it is scrolled through, from a key in the search box to the rows
//   the event stream: 10,000 live sessions that progress, 500 that end each second, announced on the bus as the audit service does,
//   to browsers of which one does not read
//   --servers N  --streams N  --seconds N
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import { inboxPrefix, SESSIONS_CHANGED } from '@sluice/contracts';
import { chromium } from 'playwright-core';
import { unwrap } from '@sluice/sdk';
import { startInstallation } from './installation.mjs';
import { cpuSeconds, memory } from './processes.mjs';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '10000' },
    streams: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
  },
});
const [SERVERS, STREAMS, SECONDS] = [values.servers, values.streams, values.seconds].map(Number);
const LIVE = 10_000;
const ENDED_PER_SECOND = 500;
/** The audit service announces once for each batch that it commits. */
const BATCHES_PER_SECOND = 50;
const FRAMES = 300;
const STREAMS_OF_ACCOUNT = 10;
const PASSWORD = 'correct horse battery staple';

/** Adds servers through the API, several at a time. */
async function addServers(admin, count) {
  let next = 0;
  const one = async () => {
    while (next < count) {
      const i = next++;
      const tags = { team: ['payments', 'search', 'platform', 'data'][i % 4], env: i % 3 ? 'production' : 'test' };
      const body = { name: `server-${i}`, hostname: `10.${i % 200}.${i % 250}.7`, port: 1024 + (i % 60_000), tags };
      await unwrap(admin.POST('/api/v1/servers', { body }));
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

/** Pixels by which each frame scrolls: as a wheel that is turned fast does, and as somebody does who pulls the bar. */
const SPEEDS = { wheel: 100, bar: 400 };

/** Runs in the page: scrolls down with the frames. Resolves with the milliseconds between each two. */
const scrollThrough = (pixels) => `new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    window.scrollBy(0, ${pixels});
    if (gaps.length < ${FRAMES}) requestAnimationFrame(frame);
    else resolve(gaps.slice(1));
  };
  requestAnimationFrame(frame);
})`;

/** Runs in the page: begins to note the milliseconds from each input in the search box to the frame that shows its rows. */
const watchFilter = `(() => {
  window.filterTook = [];
  let at;
  document.addEventListener('input', () => (at = performance.now()), true);
  new MutationObserver(() => {
    if (at === undefined) return;
    const began = at;
    at = undefined;
    requestAnimationFrame(() => window.filterTook.push(performance.now() - began));
  }).observe(document.querySelector('table'), { attributes: true, attributeFilter: ['aria-rowcount'] });
})()`;

const quantile = (numbers, q) => [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))];

/** Begins to count the CPU time of a page's main thread. @returns reads it, in milliseconds */
async function cpuOfMainThread(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () =>
    (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  const began = await read();
  return async () => ((await read()) - began) * 1000;
}

/** The table of servers in a browser. */
async function measureTable(url, email) {
  const program = process.env.SLUICE_CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ baseURL: url, viewport: { width: 1440, height: 900 } });
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('main#content h1').waitFor();
    const began = performance.now();
    await page.goto('/servers');
    await page.locator('tbody tr a').first().waitFor();
    const shown = performance.now() - began;
    await page.locator(`table[aria-rowcount="${SERVERS + 1}"]`).waitFor();
    const frames = {};
    for (const [name, pixels] of Object.entries(SPEEDS)) {
      const busy = await cpuOfMainThread(page);
      const gaps = await page.evaluate(scrollThrough(pixels));
      const late = gaps.filter((gap) => gap > 25).length;
      frames[`${name}: frame p50 / p95 / longest, ms`] = [0.5, 0.95, 1].map((q) => quantile(gaps, q).toFixed(1)).join(' / ');
      frames[`${name}: frames later than 25 ms`] = `${late} of ${gaps.length}`;
      frames[`${name}: CPU of the page per frame, ms`] = ((await busy()) / FRAMES).toFixed(1);
      await page.evaluate('window.scrollTo(0, 0)');
      await sleep(500);
    }
    await page.evaluate(watchFilter);
    await page.getByRole('combobox', { name: 'Search servers' }).pressSequentially('payments 77', { delay: 250 });
    await sleep(500);
    const filter = await page.evaluate('window.filterTook');
    return {
      'table there, ms': Math.round(shown),
      ...frames,
      'key to rows, median / longest, ms': [0.5, 1].map((q) => Math.round(quantile(filter, q))).join(' / '),
      keys: filter.length,
    };
  } finally {
    await browser.close();
  }
}

/** Opens an event stream. @param reads whether it reads what comes */
function openStream(url, token, reads) {
  const seen = { messages: 0, bytes: 0, resyncs: 0 };
  const asked = request(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
  const opened = new Promise((resolve, reject) => {
    asked.once('error', reject).once('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`the event stream was answered with ${response.statusCode}`));
      response.on('error', () => undefined);
      if (!reads) return resolve();
      response.on('data', (chunk) => {
        seen.bytes += chunk.length;
        seen.messages += chunk.toString('latin1').split('event: changes').length - 1;
        seen.resyncs += chunk.toString('latin1').split('event: resync').length - 1;
      });
      resolve();
    });
  });
  asked.end();
  return { seen, opened, close: () => asked.destroy() };
}

/** The event stream while much happens. */
async function measureEvents({ installation, home, system }) {
  const { url } = system.handle;
  const tokens = [];
  for (let i = 0; i * STREAMS_OF_ACCOUNT < STREAMS + 1; i++) {
    const email = `watcher-${i}@example.test`;
    await unwrap(system.admin.POST('/api/v1/users', { body: { email, apiRole: 'auditor', password: PASSWORD } }));
    tokens.push((await unwrap(system.admin.POST('/api/v1/logins', { body: { email, password: PASSWORD } }))).token);
  }
  const streams = Array.from({ length: STREAMS }, (_, i) => openStream(url, tokens[Math.floor(i / STREAMS_OF_ACCOUNT)], true));
  const slow = openStream(url, tokens.at(-1), false);
  await Promise.all([...streams, slow].map(({ opened }) => opened));

  const { jwt, seed } = JSON.parse(readFileSync(path.join(home, 'secrets', 'bus-audit.json'), 'utf8'));
  const { nats } = JSON.parse(readFileSync(path.join(home, 'relays', 'relay', 'identity.json'), 'utf8')).credentials;
  const bus = await connect({
    servers: nats.servers,
    tls: { ca: nats.ca },
    inboxPrefix: inboxPrefix('audit'),
    authenticator: jwtAuthenticator(jwt, Buffer.from(seed)),
  });
  const { pid } = installation.service('gateway');
  const live = Array.from({ length: LIVE }, () => ({ id: randomUUID(), account: randomUUID() }));
  let turn = 0;
  const some = (count) => Array.from({ length: count }, () => live[turn++ % LIVE]);
  const announce = () => {
    const each = ENDED_PER_SECOND / BATCHES_PER_SECOND;
    const changed = { opened: some(each), closed: some(each), progressed: some(LIVE / 10 / BATCHES_PER_SECOND), more: false };
    bus.publish(SESSIONS_CHANGED, JSON.stringify(changed)); // every live session has a checkpoint in ten seconds
  };
  const before = { cpu: cpuSeconds(pid), memory: memory(pid) };
  const began = performance.now();
  for (let sent = 0; sent < SECONDS * BATCHES_PER_SECOND;) {
    const due = Math.floor(((performance.now() - began) / 1000) * BATCHES_PER_SECOND);
    while (sent < due) (announce(), sent++);
    await sleep(5);
  }
  await bus.flush();
  const took = (performance.now() - began) / 1000;
  const counts = streams.map(({ seen }) => seen.messages / took);
  const result = {
    'browsers that read': STREAMS,
    'messages a second to each, least / most': `${Math.min(...counts).toFixed(2)} / ${Math.max(...counts).toFixed(2)}`,
    'kB a second to each': (
      quantile(
        streams.map(({ seen }) => seen.bytes),
        0.5,
      ) /
      took /
      1000
    ).toFixed(1),
    'asked to read again': streams.reduce((sum, { seen }) => sum + seen.resyncs, 0),
    'CPU of the gateway, %': (((cpuSeconds(pid) - before.cpu) / took) * 100).toFixed(1),
    'its memory before and after, MiB': [before.memory, memory(pid)].map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(' / '),
  };
  for (const { close } of [...streams, slow]) close();
  await bus.close();
  return result;
}

const started = await startInstallation();
try {
  const email = 'reader@example.test';
  await unwrap(started.system.admin.POST('/api/v1/users', { body: { email, apiRole: 'administrator', password: PASSWORD } }));
  const began = performance.now();
  await addServers(started.system.admin, SERVERS);
  console.log(`${SERVERS} servers added through the API in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  console.table(await measureTable(started.system.handle.url, email));
  console.table(await measureEvents(started));
} finally {
  await started.stop();
}

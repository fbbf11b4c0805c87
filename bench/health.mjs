// `node bench/health.mjs`, after `npm run build`: how many checks a second servers cause, some of which fail, and the CPU of the
// services that take part, once the first checks are over.
//   --servers N   servers (default 2000)
//   --failing N   of these, at which nothing listens (default 500)
//   --relays N    relays of the default cluster (default 3)
//   --copies N    copies of the health service (default 2)
//   --minutes N   how long to measure (default 10); longer than a back-off, so that the failing ones are at its end
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort, Installation } from '@sluice/embedded';
import { nodeRuntime } from '@sluice/process';
import { unwrap } from '@sluice/sdk';
import { handleOf, TestSystem } from '@sluice/testing';
import { cpuSeconds } from './processes.mjs';

const number = (preset) => ({ type: 'string', default: String(preset) });
const options = { servers: number(2000), failing: number(500), relays: number(3), copies: number(2), minutes: number(10) };
const parsed = parseArgs({ options }).values;
const { servers, failing, relays, copies, minutes } = Object.fromEntries(
  Object.entries(parsed).map(([name, text]) => [name, Number(text)]),
);

const home = mkdtempSync(path.join(tmpdir(), 'sluice-bench-'));
chmodSync(home, 0o711);
const installation = await Installation.start({
  root: path.join(path.dirname(fileURLToPath(import.meta.url)), '..'),
  home,
  httpPort: await freePort(),
  tunnelPort: await freePort(),
  restart: false,
  runtime: nodeRuntime(process.env.SLUICE_NODE),
  env: {},
  say: () => undefined,
});
let connections = 0;
const service = createServer((socket) => {
  connections++;
  socket.on('error', () => undefined).resume();
});
await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));

/** The sum of a metric of a service. */
async function metric(name, label) {
  const { operationsPort } = installation.service(name).announcement;
  const text = await (await fetch(`http://127.0.0.1:${operationsPort}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(label));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

try {
  const { admin } = await TestSystem.use(handleOf(installation));
  const names = { health: ['health'], relay: ['relay'] };
  for (let i = 2; i <= relays; i++) {
    const { token } = await unwrap(admin.POST('/api/v1/nodes/tokens', { body: { name: `relay-${i}` } }));
    await installation.addRelay(`relay-${i}`, { SLUICE_ENROLMENT_TOKEN: token });
    names.relay.push(`relay-${i}`);
  }
  for (let i = 2; i <= copies; i++) {
    await installation.addHealth(`health-${i}`);
    names.health.push(`health-${i}`);
  }
  const closed = await freePort();
  const add = (i) => {
    const port = i < failing ? closed : service.address().port;
    const body = { name: `server-${i}`, type: 'tcp', hostname: '127.0.0.1', port, portOverride: 1024 + i };
    return unwrap(admin.POST('/api/v1/servers', { body }));
  };
  for (let i = 0; i < servers; i += 10)
    await Promise.all(Array.from({ length: Math.min(10, servers - i) }, (_, j) => add(i + j)));
  const checks = async () => {
    const each = await Promise.all(names.health.map((name) => metric(name, 'sluice_health_checks_total{')));
    return each.reduce((sum, one) => sum + one, 0);
  };
  while ((await metric('health', 'sluice_health_state{state="healthy"}')) < servers - failing) await sleep(1000);
  await sleep(120_000); // the first retries of those that fail are over
  const used = () =>
    Object.fromEntries(
      Object.values(names)
        .flat()
        .map((name) => [name, cpuSeconds(installation.service(name).pid)]),
    );
  const [before, cpu, reached] = [await checks(), used(), connections];
  await sleep(minutes * 60_000);
  const seconds = minutes * 60;
  console.log(`${servers} servers, ${failing} of them failing, ${relays} relays, ${copies} copies of health, ${minutes} minutes`);
  console.log(
    `checks a second: ${(((await checks()) - before) / seconds).toFixed(2)}, of which reached: ${((connections - reached) / seconds).toFixed(2)}`,
  );
  for (const [name, after] of Object.entries(used()))
    console.log(`${name}: ${(((after - cpu[name]) / seconds) * 100).toFixed(2)} % of a core`);
} finally {
  service.close();
  await installation.stop();
  rmSync(home, { recursive: true, force: true });
}

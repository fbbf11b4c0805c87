// `npm run neighbours [-- --previous REF]`: an installation of the previous release is upgraded step by step to this one, and at
// each step agents of both releases make real connections, whose records must be exact. Exits with 1 if something is wrong.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { Agent } from './neighbours/agent.mjs';
import { compareRecords, whatChanged } from './neighbours/compare-records.mjs';
import { holdConnection, makeConnections, startEcho } from './neighbours/connections.mjs';
import { passwordFile, readPassword, startMixed, startRelay, startWhole } from './neighbours/installation.mjs';
import { buildPrevious, builtPrevious } from './neighbours/previous.mjs';
import { onEnd } from './end-signals.mjs';
import { readOptions } from './read-options.mjs';

const USAGE = `Usage: npm run neighbours [-- --previous REF | --checkout FOLDER]    upgrades the previous release to this one, with connections at each step

REF is the previous release: the newest tag before this commit unless it is given, and a fixed commit where there is no tag.
It is checked out and built in a temporary folder, unless FOLDER is a checkout of it that is built already.`;
const given = readOptions('neighbours', USAGE, { previous: { type: 'string' }, checkout: { type: 'string' } });
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
const { FIRST_ADMIN_EMAIL, freePort } = await import('@sluice/embedded');
const { until } = await import('@sluice/process');
const { collect, createSluiceClient, tokenOf, unwrap } = await import('@sluice/sdk');

/** Connections of each agent at each step. */
const CONNECTIONS = 20;
const RECORDED_WITHIN_MS = 30_000;
const say = (line) => process.stderr.write(`neighbours: ${line}\n`);

const previous = given.checkout === undefined ? await buildPrevious(root, given.previous) : builtPrevious(given.checkout);
const place = mkdtempSync(path.join(tmpdir(), 'sluice-neighbours-'));
chmodSync(place, 0o711); // the user that PostgreSQL runs as must be able to enter
const at = { place, home: path.join(place, 'home'), http: await freePort(), tunnel: await freePort() };
const [OLD, NEW] = [previous.checkout, root];
const nameOf = (checkout) => (checkout === OLD ? 'previous' : 'this');
const echo = await startEcho();
const agents = [new Agent(OLD, path.join(place, 'agent-1')), new Agent(NEW, path.join(place, 'agent-2'))];
const [first, second] = agents;
const rows = [];
let api;
let roleId;
let running;
/** A relay besides those of the installation. */
let beside;

let cleaning;
/** Stops everything, and removes every folder, once. */
const cleanUp = () =>
  (cleaning ??= (async () => {
    for (const agent of agents) await agent.run('agent', 'stop').catch(() => undefined);
    for (const each of [beside, running]) await each?.stop().catch(() => undefined);
    echo.stop();
    previous.remove();
    rmSync(place, { recursive: true, force: true });
  })());
onEnd(
  (why) => {
    say(`${why}: stopping ...`);
    void cleanUp().finally(() => process.exit(1));
  },
  () => process.exit(1),
);

/** Adds a row to the table; a check that throws is one that has failed. */
async function check(row, work) {
  const problems = await work().catch((error) => [error.message]);
  rows.push({ ...row, problems });
  say(`${Object.values(row).join(' | ')}: ${problems.length === 0 ? 'good' : problems.join('; ')}`);
}

/** Adds a server that leads to the echo. */
async function addServer(name, more = {}) {
  const body = { name, type: 'tcp', hostname: '127.0.0.1', port: echo.port, portOverride: await freePort(), ...more };
  const server = await unwrap(api.POST('/api/v1/servers', { body }));
  await unwrap(api.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id: roleId, serverId: server.id } } }));
  return server;
}

const listed = (url) =>
  collect((cursor) => unwrap(api.GET(url, { params: { query: { limit: 500, ...(cursor && { cursor }) } } })));
const recordsOf = (resource) => unwrap(api.GET('/api/v1/sessions', { params: { query: { resource, limit: 500 } } }));

/** Makes connections through an agent to a new server, and compares them with their records. */
async function compareConnections(agent, serverName, more) {
  const server = await addServer(serverName, more);
  const address = await agent.connect(serverName);
  const made = await makeConnections(address, CONNECTIONS);
  let problems = [];
  const isRecorded = async () => {
    const { items } = await recordsOf(server.id);
    return (problems = compareRecords(made, items)).length === 0;
  };
  await until(isRecorded, AbortSignal.timeout(RECORDED_WITHIN_MS)).catch(() => undefined);
  return problems;
}

/** Makes connections with both agents, while the installation has these processes. */
async function compareBoth(step, apps, more) {
  for (const [number, agent] of agents.entries()) {
    const [services, gateway, relay] = apps.map(nameOf);
    const isUpgraded = agent === first && agent.checkout === NEW;
    const row = {
      step,
      services,
      gateway,
      relay,
      agent: isUpgraded ? 'this, in the folder of previous' : nameOf(agent.checkout),
    };
    await check(row, () => compareConnections(agent, `${step}, agent ${number + 1}`, more));
  }
}

/** A relay that enrols for the first time, in a proxy cluster of its own, with connections through it alone. */
async function compareNewRelay(step, apps) {
  const checkout = apps[2];
  const name = `beside-${nameOf(checkout)}`;
  const { name: proxyCluster } = await unwrap(api.POST('/api/v1/clusters', { body: { name } }));
  const { token } = await unwrap(api.POST('/api/v1/nodes/tokens', { body: { name, proxyCluster } }));
  beside = await startRelay(checkout, at, name, token);
  await compareBoth(step, apps, { proxyCluster });
  await beside.stop();
  beside = undefined;
}

/** Everything that must outlast an upgrade. */
const KEPT = {
  record: '/api/v1/sessions',
  user: '/api/v1/users',
  server: '/api/v1/servers',
  role: '/api/v1/roles',
  node: '/api/v1/nodes',
  activity: '/api/v1/activities',
  login: '/api/v1/me/logins',
};
const readKept = async () =>
  Object.fromEntries(await Promise.all(Object.entries(KEPT).map(async ([what, url]) => [what, await listed(url)])));

try {
  say(`the previous release is ${previous.subject}`);
  running = await startWhole(OLD, at);
  const server = `http://127.0.0.1:${at.http}`;
  const body = { email: FIRST_ADMIN_EMAIL, password: readPassword(at.home) };
  const login = await unwrap(createSluiceClient({ server }).POST('/api/v1/logins', { body }));
  api = createSluiceClient({ server, token: tokenOf(login) }); // its login has to outlast every step
  const role = await unwrap(api.POST('/api/v1/roles', { body: { name: 'everyone' } }));
  roleId = role.id;
  await unwrap(api.PUT('/api/v1/roles/{id}/users/{userId}', { params: { path: { id: role.id, userId: login.account.id } } }));
  for (const agent of agents) {
    mkdirSync(agent.folder, { mode: 0o700 });
    await agent.run('login', '--server', server, '--email', FIRST_ADMIN_EMAIL, '--password-file', passwordFile(at.home));
  }
  await compareBoth('1 before the upgrade', [OLD, OLD, OLD]);
  await compareNewRelay('2 a relay ahead of its services', [OLD, OLD, NEW]);
  const before = await readKept();
  await running.stop();

  const services = { registry: NEW, audit: NEW, health: NEW };
  running = await startMixed({ ...services, gateway: OLD, relay: OLD }, at);
  await compareBoth('3 services', [NEW, OLD, OLD]);
  await compareNewRelay('4 an older relay enrols', [NEW, OLD, OLD]);
  await running.stop();

  // as on Kubernetes: the tables are migrated, and gateways and relays may be there before the services
  running = await startMixed({ registry: OLD, audit: OLD, health: OLD, gateway: NEW, relay: NEW }, at);
  await compareBoth('5 ahead of services', [OLD, NEW, NEW]);
  await running.stop();

  running = await startMixed({ ...services, gateway: NEW, relay: OLD }, at);
  await compareBoth('6 gateways', [NEW, NEW, OLD]);
  const lost = await addServer('lost with its relay');
  const held = await holdConnection(await first.connect(lost.name));
  running.killRelay();
  await running.stop();
  held.destroy();

  running = await startMixed({ ...services, gateway: NEW, relay: NEW }, at);
  await compareBoth('7 relays', [NEW, NEW, NEW]);
  await running.stop();

  running = await startWhole(NEW, at);
  await first.upgrade(NEW);
  await compareBoth('8 agents', [NEW, NEW, NEW]);
  const all = { step: '9 afterwards', services: 'this', gateway: 'this', relay: 'this', agent: 'this' };
  await check(
    { ...all, what: 'a session that the killed relay left open is in the journal that the new one reads' },
    async () => {
      let found;
      const isOver = async () => (found = (await recordsOf(lost.id)).items[0])?.state === 'final';
      await until(isOver, AbortSignal.timeout(RECORDED_WITHIN_MS)).catch(() => undefined);
      return found?.endReason === 'relay lost' && found.exactness === 'at least' ? [] : [`its record: ${JSON.stringify(found)}`];
    },
  );
  await check(
    { ...all, what: 'records, users, servers, roles, nodes, activities and logins of before are as they were' },
    async () => {
      const after = await readKept();
      return Object.entries(before).flatMap(([what, objects]) => whatChanged(what, objects, after[what]));
    },
  );
  await check({ ...all, what: 'the export of all facts verifies' }, async () => {
    const file = path.join(place, 'export');
    await second.run('audit', 'export', '--since', '1d', '--out', file);
    await second.run('audit', 'verify', file);
    return [];
  });
} catch (error) {
  rows.push({ step: 'the upgrade', problems: [error.stack] });
} finally {
  await cleanUp();
}

console.log(`\nFrom ${previous.subject}, ${CONNECTIONS} connections in each row:\n`);
const HEAD = ['step', 'services', 'gateway', 'relay', 'agent', 'result'];
const result = ({ what, problems }) =>
  [what, problems.length === 0 ? 'exact' : problems.slice(0, 5).join('; ')].filter(Boolean).join(': ');
console.log(`| ${HEAD.join(' | ')} |\n|${HEAD.map(() => '---').join('|')}|`);
for (const row of rows) console.log(`| ${[...HEAD.slice(0, -1).map((name) => row[name] ?? ''), result(row)].join(' | ')} |`);
process.exit(rows.some(({ problems }) => problems.length > 0) ? 1 : 0);

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, Installation, keptSecret, startNats, startPostgres } from '@sluice/embedded';
import { nodeRuntime } from '@sluice/process';
import { type Schemas, unwrap } from '@sluice/sdk';
import { handleOf, stopSystem, testFolder, TestSystem } from '@sluice/testing';
import { Administrator } from './administrator.js';
import { Dice } from './dice.js';
import { groupBy } from './group-by.js';
import { allRecorded, holdRecords, type Violation, wasActive } from './hold-records.js';
import { Ledger } from './ledger.js';
import { type Kill, KillableAgent, killableService, KillableStore, Victim } from './victim.js';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
/** Servers, each with a service of its own and one connection at a time. */
const SERVERS = 20;
const KILL_EVERY_MS = 2500;
const ACT_EVERY_MS = 3000;
/** How long it may take until all records are final after the last kill. */
const RECORDED_WITHIN_MS = 120_000;

/** The result of a run. */
export interface Outcome {
  /** Lines of a table. */
  readonly summary: readonly string[];
  readonly violations: readonly Violation[];
}

/** The complete system, with two gateways, three relays and an agent. Only this program restarts what it has killed. */
async function start() {
  const home = testFolder('chaos');
  const secret = () => keptSecret(path.join(home, 'chaos-postgres'), () => 'for-tests-alone');
  const postgres = new KillableStore(() => startPostgres(path.join(home, 'postgres'), secret()));
  let trust = '';
  const nats = new KillableStore(() => startNats(path.join(home, 'nats'), trust));
  const installation = await Installation.start({
    root,
    home,
    httpPort: await freePort(),
    tunnelPort: await freePort(),
    restart: false,
    runtime: nodeRuntime(undefined),
    postgres: () => postgres.start(),
    nats: (given) => {
      trust = given;
      return nats.start();
    },
    say: (line) => console.log(line),
  });
  const system = await TestSystem.use(handleOf(installation));
  const http = await freePort();
  await installation.addGateway('gateway-2', { http, tunnel: await freePort() });
  for (const name of ['relay-2', 'relay-3']) {
    const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name } }));
    await installation.addRelay(name, { SLUICE_ENROLMENT_TOKEN: token });
  }
  const user = await system.addUser();
  const agent = new KillableAgent(root, user.configHome);
  const stop = async () => {
    await agent.stop();
    await user.leave();
    await stopSystem(installation);
  };
  return {
    installation,
    system,
    user,
    agent,
    stores: { postgres, nats },
    urls: [installation.url, `http://127.0.0.1:${http}`],
    stop,
  };
}

type Stage = Awaited<ReturnType<typeof start>>;

/** Runs connections while processes are killed and administrators act; then compares every record with its connection. */
export async function runChaos(seconds: number, seed: number): Promise<Outcome> {
  const stage = await start();
  const ledger = new Ledger(seed);
  try {
    return await run(stage, ledger, seconds, seed);
  } finally {
    ledger.close();
    await stage.stop();
  }
}

async function run(stage: Stage, ledger: Ledger, seconds: number, seed: number): Promise<Outcome> {
  const { system, user, agent } = stage;
  const servers: Schemas['Server'][] = [];
  for (let i = 0; i < SERVERS; i++) {
    let id = '';
    const service = await ledger.serve(() => id);
    const server = await system.addServer(service.port, { proxyProtocol: true });
    ({ id } = server);
    servers.push(server);
  }
  const roleId = await system.grant([user], servers);
  const administrator = new Administrator(stage.urls, system.adminToken, roleId, new Dice(seed, 'administrator'));
  await agent.start();
  await untilConnected(stage, servers);

  const until = Date.now() + seconds * 1000;
  const kills: Kill[] = [];
  const victims = victimsOf(stage, seed, kills);
  const acting: Promise<string | void>[] = [];
  let number = 0;
  const loops = [
    ...servers.map(async (server) => {
      while (Date.now() < until) {
        const { connected } = await ledger.open(number++, server.id, server.portOverride);
        if (!connected) await sleep(100); // the agent is not running, and a refused client retries after a pause
      }
    }),
    repeat(until, new Dice(seed, 'kills'), KILL_EVERY_MS, (dice) => dice.pick(victims).strike()),
    repeat(until, new Dice(seed, 'actions'), ACT_EVERY_MS, (dice) => {
      const server = servers[dice.whole(0, SERVERS - 1)] as Schemas['Server'];
      const act = dice.chance(0.5) ? administrator.takeGrant(server) : administrator.endSession(server);
      acting.push(act.catch((error: unknown) => `an administrator could not act: ${(error as Error).message}`));
    }),
  ];
  await Promise.all(loops);
  await Promise.all(victims.map(([victim]) => victim.spare()));
  const failures = [...(await Promise.all(acting)), ...victims.map(([{ failure }]) => failure)].filter(
    (why) => why !== undefined,
  );
  const recorded = await untilRecorded(administrator, ledger);
  const quarantined = await administrator.ask((api) => unwrap(api.GET('/api/v1/quarantine')), 10_000);
  const violations = holdRecords(recorded.records, ledger, { kills, actions: administrator.actions });
  violations.push(...failures.map(String));
  for (const fact of quarantined.items) violations.push(`a fact in quarantine: ${fact.kind}, ${fact.reason}`);
  const reached = ledger.resources.filter((seen) => seen.clientAddress !== undefined).length;
  const count = (values: (string | null | undefined)[]) =>
    [...groupBy(values, (value) => value ?? 'none')].map(([value, alike]) => `${value} ${alike.length}`).join(', ');
  const active = recorded.records.filter(wasActive);
  return {
    violations,
    summary: [
      `seed ${seed}, ${seconds} s, all recorded after ${Math.round(recorded.afterMs / 1000)} s`,
      `connections: ${ledger.clients.length} tried, ${ledger.clients.filter((client) => client.connected).length} taken by the agent, ${reached} carried to the resource`,
      `killed: ${count(kills.map(({ name }) => name))}`,
      `administrators: ${count(administrator.actions.map(({ kind }) => kind))}`,
      `records of sessions: ${active.length} (${count(active.map((record) => record.exactness))})`,
      `ends: ${count(active.map((record) => record.endReason))}`,
      `attempts: ${count(recorded.records.filter((record) => !wasActive(record)).map((record) => record.endReason))}`,
      `violations: ${violations.length} (${count(violations.map((what) => what.split(':')[0]))})`,
    ],
  };
}

const victimsOf = (stage: Stage, seed: number, kills: Kill[]): (readonly [Victim, number])[] => {
  const { installation, agent, stores } = stage;
  const service = (name: string) => killableService(installation.service(name));
  const all = [
    ['relay-1', service('relay'), 2],
    ['relay-2', service('relay-2'), 2],
    ['relay-3', service('relay-3'), 2],
    ['gateway', service('gateway'), 2],
    ['gateway-2', service('gateway-2'), 2],
    ['agent', agent, 3],
    ['audit', service('audit'), 2],
    ['registry', service('registry'), 2],
    ['health', service('health'), 1],
    ['nats', stores.nats, 1],
    ['postgres', stores.postgres, 1],
  ] as const;
  return all.map(([name, process, weight]) => [new Victim(name, process, new Dice(seed, name), kills), weight]);
};

async function repeat(until: number, dice: Dice, everyMs: number, work: (dice: Dice) => void): Promise<void> {
  for (;;) {
    const wait = dice.wait(everyMs);
    if (Date.now() + wait > until) return;
    await sleep(wait); // the interval itself is random: kills and actions must meet sessions in any state
    work(dice);
  }
}

async function untilConnected({ user }: Stage, servers: readonly Schemas['Server'][]): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const said = await user.run('connect', ...servers.map(({ name }) => name));
    if (said.status === 0) return;
    if (Date.now() > deadline) throw new Error(`the agent does not connect: ${said.stderr}${said.stdout}`);
    await sleep(200); // as a person would repeat the command; no event reports that the agent is ready
  }
}

/** Waits until every connection is closed and every one that reached a resource has its final record, at most `RECORDED_WITHIN_MS`. */
async function untilRecorded(administrator: Administrator, ledger: Ledger) {
  const begun = Date.now();
  for (;;) {
    const records = await administrator.records();
    const isComplete = ledger.quiet && records.every((record) => record.state === 'final') && allRecorded(records, ledger);
    const afterMs = Date.now() - begun;
    if (isComplete || afterMs > RECORDED_WITHIN_MS) return { records, afterMs };
    await sleep(1000); // records are final after redelivery and presumption, of which the API sends no event
  }
}

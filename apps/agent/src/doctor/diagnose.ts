import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { nodeRuntime } from '@sluice/process';
import { createSluiceClient, type Schemas } from '@sluice/sdk';
import { agentAnswers, askAgent, NoAgentError } from '../control/control-client.js';
import { StatusReply } from '../control/control-messages.js';
import { readFeed } from '../feed/read-feed.js';
import type { AgentConfig } from '../config.js';
import { clockOffset } from './clock-offset.js';
import { roundTrip } from '../link/round-trip.js';
import { whoListens } from '../listener/who-listens.js';
import { type StoredLogin, readLogin } from '../login/stored-login.js';
import { systemTroubles } from './system-readiness.js';

/** What was checked, what was found, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly state: 'good' | 'bad';
  readonly found: string;
  readonly advice?: string;
}

type Feed = Schemas['AgentFeed'];

/** How far the clock may differ from the gateway's, in milliseconds. Preambles and certificates depend on it. */
const CLOCK_LIMIT_MS = 60_000;
/** For how many servers the local port is tried. */
const MAX_PORTS = 200;

const good = (check: string, found: string): Finding => ({ check, state: 'good', found });
const bad = (check: string, found: string, advice: string): Finding => ({ check, state: 'bad', found, advice });

/** How findings are reported. */
export interface FindingOutput {
  /** Reports what is being checked. */
  now(what: string): void;
  /** Writes a moment for a person, with how far off it is. */
  moment(iso: string): string;
}

/** Runs the checks one after another, and skips those that depend on a failed one. */
export async function* diagnose(config: AgentConfig, version: string, { now, moment }: FindingOutput): AsyncGenerator<Finding> {
  yield versions(config, version);
  const login = readStored(config);
  if ('check' in login) return yield login;
  yield* loginAndCertificate(login, moment);
  const url = new URL(login.server);
  now(`asking ${url.host}`);
  const name = await dns(url.hostname);
  yield name;
  if (name.state === 'bad') return;
  yield* clock(login.server);
  const feed = await readFeed(createSluiceClient({ server: login.server, token: login.token })).catch(
    (error: unknown) => error as Error,
  );
  if (feed instanceof Error)
    return yield bad('gateway', feed.message, 'check the network to that address, and whether Sluice runs there');
  yield good('gateway', `${url.origin} answers to ${feed.account.email}`);
  yield* system(login.server);
  now('asking the tunnel ports');
  yield* tunnelPorts(feed);
  const agent = await agentStatus(config);
  yield agent.finding;
  now('trying ports');
  yield* ports(feed, agent.status);
}

function versions(config: AgentConfig, version: string): Finding {
  try {
    const runtime = nodeRuntime(config.node);
    return good('versions', `sluice ${version}, Node ${process.versions.node}; the agent runs on Node ${runtime.version}`);
  } catch (error) {
    return bad('versions', (error as Error).message, 'unset SLUICE_NODE, or set it to the path of a Node program');
  }
}

function readStored(config: AgentConfig): StoredLogin | Finding {
  const advice = 'run `sluice login --server URL --email E`';
  try {
    return readLogin(config) ?? bad('login', 'nobody is signed in here', advice);
  } catch (error) {
    return bad('login', (error as Error).message, advice);
  }
}

function* loginAndCertificate(
  { account, expiresAt, certificateExpiresAt }: StoredLogin,
  moment: FindingOutput['moment'],
): Generator<Finding> {
  const isOver = Date.parse(expiresAt) <= Date.now();
  yield isOver
    ? bad('login', `of ${account.email}, ended ${moment(expiresAt)}`, 'run `sluice login`')
    : good('login', `of ${account.email}, until ${moment(expiresAt)}`);
  if (isOver) return;
  yield Date.parse(certificateExpiresAt) <= Date.now()
    ? bad(
        'certificate',
        `expired ${moment(certificateExpiresAt)}`,
        'the agent renews it when it reaches the gateway: `sluice status`',
      )
    : good('certificate', `until ${moment(certificateExpiresAt)}`);
}

async function dns(hostname: string): Promise<Finding> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return good('DNS', `${host} is an address`);
  try {
    const addresses = await lookup(host, { all: true });
    return good('DNS', `${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return bad('DNS', `${host}: ${(error as Error).message}`, 'check the name, and the DNS servers of this machine');
  }
}

async function* clock(server: string): AsyncGenerator<Finding> {
  const sentAt = Date.now();
  const answer = await fetch(`${new URL(server).origin}/livez`, { redirect: 'error', signal: AbortSignal.timeout(5000) }).catch(
    () => undefined,
  );
  const date = Date.parse(answer?.headers.get('date') ?? '');
  if (Number.isNaN(date)) return; // the check of the gateway reports why it does not answer
  const off = clockOffset(date, sentAt, Date.now());
  if (off === 0) return yield good('clock', "agrees with the gateway's");
  const found = `${(Math.abs(off) / 1000).toFixed(1)} s ${off < 0 ? 'behind' : 'ahead of'} the gateway's`;
  yield Math.abs(off) > CLOCK_LIMIT_MS
    ? bad('clock', found, 'set the clock of this machine, for example with NTP')
    : good('clock', found);
}

async function* system(server: string): AsyncGenerator<Finding> {
  const troubles = await systemTroubles(server);
  if (troubles?.length === 0) yield good('system', 'reports nothing wrong');
  for (const trouble of troubles ?? []) yield bad('system', trouble, 'inform an administrator');
}

async function* tunnelPorts(feed: Feed): AsyncGenerator<Finding> {
  let reached = false;
  for (const { address } of [...feed.gateways, ...feed.relays]) {
    const ms = await roundTrip(address);
    reached ||= ms !== undefined;
    const advice = 'check the network and firewalls to that address; others are used meanwhile';
    yield ms === undefined
      ? bad('tunnel port', `${address} does not accept a connection`, advice)
      : good('tunnel port', `${address} in ${ms.toFixed(1)} ms`);
  }
  if (!reached)
    yield bad('tunnel', 'no gateway or relay can be reached: nothing can be carried', 'let this machine connect to one of them');
}

async function agentStatus(config: AgentConfig): Promise<{ finding: Finding; status?: StatusReply }> {
  try {
    const status = await askAgent(config.controlSocket, 'status', {}, StatusReply);
    const connected = status.servers.filter((server) => server.connected).length;
    return { finding: good('agent', `runs, and listens for ${connected} of ${status.servers.length} servers`), status };
  } catch (error) {
    if (error instanceof NoAgentError) return { finding: good('agent', 'does not run; `sluice connect` starts it') };
    const advice = (await agentAnswers(config.controlSocket))
      ? 'it may be from another release: stop it with `sluice agent stop`'
      : `see ${config.logFile}`;
    return { finding: bad('agent', (error as Error).message, advice) };
  }
}

async function* ports(feed: Feed, status: StatusReply | undefined): AsyncGenerator<Finding> {
  const connected = new Set(status?.servers.filter((server) => server.connected).map(({ id }) => id));
  const others = feed.resources.filter((server) => server.connectivityMode === 'loopback' && !connected.has(server.id));
  let free = 0;
  for (const { name, bindAddress, port } of others.slice(0, MAX_PORTS)) {
    const why = await listenFailure(bindAddress, port);
    if (why === undefined) free++;
    else
      yield bad(
        'port',
        `${name}: ${why}`,
        `stop that process, or connect with \`sluice connect ${JSON.stringify(name)} --port\``,
      );
  }
  if (free > 0) yield good('ports', `${free} of ${others.length} servers that are not connected can be listened for`);
}

/** Why it is not possible to listen at an address; undefined when it is. */
function listenFailure(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'EADDRINUSE'
          ? `${address}:${port} is in use by ${whoListens(address, port)}`
          : `${address}:${port}: ${error.message}`,
      ),
    );
    server.listen({ host: address, port }, () => server.close(() => resolve(undefined)));
  });
}

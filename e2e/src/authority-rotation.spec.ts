import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Installation, ServiceProcess } from '@sluice/embedded';
import { CertificateVerifier, fingerprintOf, fingerprintsOf, OwnIdentity } from '@sluice/identity';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { connectSocket, dialPreamble, readAnswer, TlsDialler } from '@sluice/tunnel';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { carried } from './carried.js';
import { Scene } from './scene.js';

type Authorities = Schemas['Authorities'];
type Texts = ConstructorParameters<typeof OwnIdentity>[0];

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let admin: TestUser;
let server: Schemas['Server'];
let port: number;
let away: ServiceProcess;
let folder: string;
let load: { stop: () => Promise<void> };
/** Tokens that were made before the rotation and pin the first authority. */
let tokens: readonly string[];
let first: string;
let second: string;
/** The certificate that the agent had before the switch. */
let before: Texts;

beforeAll(async () => {
  scene = await Scene.start();
  ({ installation, system, user } = scene);
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-rotation-'));
  admin = await system.addUser('administrator');
  server = await system.addServer(scene.resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  tokens = await Promise.all(['relay-away', 'relay-late', 'relay-too-late'].map(tokenFor));
  away = await installation.addRelay('relay-away', { SLUICE_ENROLMENT_TOKEN: tokens[0] as string });
  await vi.waitFor(async () => expect(await stateOf('relay-away')).toBe('online'), 60_000);
  await away.stop(20_000);
  const { authorities } = await shown();
  first = authorities[0]?.certificate as string;
  load = keepConnecting();
}, 180_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await admin.leave();
  await scene.end();
});

const tokenFor = async (name: string): Promise<string> =>
  (await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name } }))).token;
const stateOf = async (name: string): Promise<string | undefined> =>
  (await unwrap(system.admin.GET('/api/v1/nodes', { params: { query: { name } } }))).items[0]?.state;
const shown = (): Promise<Authorities> => unwrap(system.admin.GET('/api/v1/authorities'));
const statesOf = ({ authorities }: Authorities) => authorities.map(({ state }) => state);
const step = async (name: string, ...options: string[]): Promise<Authorities> =>
  JSON.parse(await admin.mustRun('admin', 'authority', name, '--yes', '--json', ...options)) as Authorities;

/** Waits until the next step is refused for nobody but these. */
const untilOnly = (...names: string[]) =>
  expect
    .poll(async () => (await shown()).awaited.filter(({ blocks }) => blocks).map(({ name }) => name), {
      timeout: 120_000,
      interval: 1000,
    })
    .toEqual(names);

/** Opens sessions that last, with bytes moving, and ten short ones a second. At the end none was cut, and none could not be opened. */
function keepConnecting(): { stop: () => Promise<void> } {
  const short: Promise<string | undefined>[] = [];
  const long = Array.from({ length: 3 }, () => new LongSession());
  const timer = setInterval(() => {
    for (const session of long) session.send();
    short.push(
      carried(port).then(
        (socket) => void socket.end(),
        (error: Error) => error.message,
      ),
    );
  }, 100);
  const stop = async () => {
    clearInterval(timer);
    const failed = (await Promise.all(short)).filter((why) => why !== undefined);
    console.log(`${short.length} connects, ${failed.length} failed; ${long[0]?.sent} bytes in each long session`);
    expect(failed).toEqual([]);
    for (const session of long) await session.end();
  };
  return { stop };
}

class LongSession {
  private readonly socket: Socket = connect(port, '127.0.0.1');
  private readonly closed: Promise<unknown>;
  private isClosed = false;
  sent = 0;
  private received = 0;

  constructor() {
    this.closed = once(this.socket, 'close');
    this.socket
      .on('error', () => undefined)
      .on('data', (bytes: Buffer) => (this.received += bytes.length))
      .on('close', () => (this.isClosed = true));
  }

  send(): void {
    this.sent += 1000;
    this.socket.write(Buffer.alloc(1000, 7));
  }

  /** Ends it, after everything that was sent has come back. */
  async end(): Promise<void> {
    expect(this.isClosed).toBe(false);
    this.socket.end();
    await this.closed;
    expect(this.received).toBe(this.sent);
  }
}

/** The identity that the user's agent has now. */
function agentIdentity(): Texts {
  const [login, renewed] = ['login.json', 'certificate.json'].map((name) => path.join(user.configHome, name)) as [string, string];
  return JSON.parse(readFileSync(existsSync(renewed) ? renewed : login, 'utf8')) as Texts;
}
const relayIdentity = () =>
  JSON.parse(readFileSync(path.join(installation.options.home, 'relays', 'relay', 'identity.json'), 'utf8')) as {
    credentials: { ca: string; certificate: string };
  };

/** Dials a relay through the gateway as the agent does. @returns the authorities that issued the certificates of the gateway and the relay */
async function issuersSeen(own: Texts): Promise<[gateway: string, relay: string]> {
  const { gateways } = await unwrap(system.admin.GET('/api/v1/me'));
  const [host, tunnelPort] = (gateways[0]?.address as string).split(':') as [string, string];
  const raw = await connectSocket({ host, port: Number(tunnelPort) }, { timeoutMs: 4000 });
  raw.on('error', () => undefined);
  const verifier = new CertificateVerifier(own.ca);
  let gateway = '';
  try {
    const verify = (der: Buffer) => {
      const verified = verifier.verify(der);
      gateway = verified.authority;
      return verified;
    };
    const signal = AbortSignal.timeout(10_000);
    await dialPreamble(raw, { kind: 'carry', cluster: 'default' }, new OwnIdentity(own), verify, signal);
    await readAnswer(raw, signal);
    const { socket, peer } = await new TlsDialler(own).dial(raw, (certificate) => verifier.verify(certificate), signal);
    socket.destroy();
    return [gateway, peer.authority];
  } finally {
    raw.destroy();
  }
}

it('prepares the next authority: everybody accepts it, also after the registry was killed, and the present one signs', async () => {
  expect(await admin.mustRun('admin', 'authority', 'show')).toContain('No rotation is under way.');
  await step('prepare');
  installation.service('registry').kill('SIGKILL'); // it is restarted
  await expect.poll(() => shown().then(statesOf, () => []), { timeout: 60_000 }).toEqual(['current', 'next']);
  second = (await shown()).authorities[1]?.certificate as string;
  await untilOnly();
  const { nodes, agents, awaited } = await shown();
  expect([nodes, agents]).toEqual([
    { ready: 2, all: 2 },
    { ready: 1, all: 1 },
  ]);
  expect(awaited).toMatchObject([
    { kind: 'relay', name: 'relay-away', blocks: false, why: expect.stringContaining('offline') as string },
  ]);
  expect(await admin.mustRun('admin', 'authority', 'show')).toMatch(/Accept the next authority: 2 of 2 nodes, 1 of 1 agent/);
  before = agentIdentity();
  expect(fingerprintsOf(before.ca)).toEqual([fingerprintOf(first), fingerprintOf(second)]);
  expect(await issuersSeen(before)).toEqual([fingerprintOf(first), fingerprintOf(first)]);
}, 180_000);

it('switches to it: certificates of both are accepted, and relays enrol with tokens that pin the former one', async () => {
  expect(statesOf(await step('switch'))).toEqual(['former', 'current']);
  expect(await issuersSeen(before)).toHaveLength(2); // the certificate that the former one issued still opens links
  const late = await installation.addRelay('relay-late', { SLUICE_ENROLMENT_TOKEN: tokens[1] as string });
  await expect.poll(() => stateOf('relay-late'), { timeout: 60_000 }).toBe('online');
  await untilOnly('relay-away', 'relay-too-late');
  expect(await issuersSeen(agentIdentity())).toEqual([fingerprintOf(second), fingerprintOf(second)]);
  const refused = await admin.run('admin', 'authority', 'retire', '--yes');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/relay relay-away has a certificate of the former authority; it is offline/);
  expect(refused.stderr).toMatch(/enrolment token relay-too-late pins the former authority/);
  await late.stop(20_000);
}, 240_000);

it('retires the former one: nothing presents it or accepts it, and no connection has noticed any of this', async () => {
  expect(statesOf(await step('retire', '--force'))).toEqual(['retired', 'current']);
  const only = [fingerprintOf(second)];
  await expect.poll(() => fingerprintsOf(agentIdentity().ca), { timeout: 60_000 }).toEqual(only);
  await expect.poll(() => fingerprintsOf(relayIdentity().credentials.ca), { timeout: 60_000 }).toEqual(only);
  expect(new X509Certificate(relayIdentity().credentials.certificate).checkIssued(new X509Certificate(second))).toBe(true);
  expect(await issuersSeen(agentIdentity())).toEqual([only[0], only[0]]);
  await expect(issuersSeen(before)).rejects.toThrow(/not accepted any more|not issued by this installation/);
  await load.stop();
  const { items } = await unwrap(system.admin.GET('/api/v1/activities', { params: { query: { kind: 'authority' } } }));
  expect(items.map(({ verb, actor }) => [verb, actor.email])).toEqual([
    ['retired', admin.email],
    ['switched', admin.email],
    ['prepared', admin.email],
  ]);
}, 180_000);

it('tells a relay that was off all the time, and one with a token of the former authority, what to do', async () => {
  await away.start().catch(() => undefined);
  const log = () => readFileSync(path.join(installation.options.home, 'logs', 'relay-away.log'), 'utf8');
  await expect.poll(log, { timeout: 60_000 }).toMatch(/authority that was retired at .*enrol it with an empty home/);
  const answer = await system.admin.POST('/api/v1/nodes/enrol', {
    body: { secret: secretOf(tokens[2] as string), publicKey: publicKeyOf(), natsPublicKey: `U${'A'.repeat(55)}` },
  });
  expect(answer.error).toMatchObject({ code: 'authority_retired', title: expect.stringContaining('make a new one') as string });
}, 120_000);

const secretOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.slice('sluice-node-'.length), 'base64url').toString()) as { secret: string }).secret;
const publicKeyOf = () => new X509Certificate(second).publicKey.export({ type: 'spki', format: 'pem' }) as string;

it('exports what both verifiers accept, with the first authority or the second one', async () => {
  const write = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const pins = [write('first.pem', first), write('second.pem', second)];
  const file = path.join(folder, 'export.ndjson');
  const issuers = () => {
    const verifier = new CertificateVerifier(first + second);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const facts = lines
      .map((line) => JSON.parse(line) as { line: string; subject: string; body: string })
      .filter(({ line }) => line === 'fact');
    expect(facts.filter(({ subject }) => subject.startsWith('audit.v1.integrity.unproven'))).toEqual([]);
    const heads = facts.filter(({ subject }) => subject.startsWith('audit.v1.relay.head.'));
    return new Set(
      heads.map(({ body }) => {
        const { data } = JSON.parse(body) as { data: { certificate: string; at: string } };
        return verifier.verify(Buffer.from(data.certificate, 'base64'), Date.parse(data.at)).authority;
      }),
    );
  };
  await admin.mustRun('audit', 'export', '--since', '24h', '--out', file);
  expect(issuers()).toEqual(new Set([fingerprintOf(first), fingerprintOf(second)]));
  const script = path.join(import.meta.dirname, '..', '..', 'tools', 'verify_export.py');
  for (const pin of pins) {
    expect(await admin.mustRun('audit', 'verify', file, '--authority', pin)).toContain('Nothing is wrong.');
    const { stdout } = await promisify(execFile)('python3', [script, '--authority', pin, file]);
    expect(stdout).toContain('Nothing is wrong.');
  }
  const text = readFileSync(file, 'utf8');
  const header = JSON.parse(text.slice(0, text.indexOf('\n'))) as { authorities: object[] };
  const forged = { ...header, authorities: header.authorities.map((record) => ({ ...record, endorsesNext: null })) };
  const cut = write('forged.ndjson', JSON.stringify(forged) + text.slice(text.indexOf('\n')));
  const said = await admin.run('audit', 'verify', cut, '--authority', pins[0] as string);
  expect(said.status).toBe(1);
  expect(said.stdout).toContain('bad-certificate');
}, 180_000);

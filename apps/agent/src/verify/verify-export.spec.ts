import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  activitySubject,
  type ChainedService,
  type Dropped,
  FIRST_PREVIOUS,
  factType,
  headText,
  relayHeadSubject,
  serviceHeadSubject,
  serviceStartedSubject,
  type SessionFactKind,
  sessionFactSubject,
  SessionIds,
} from '@sluice/contracts';
import {
  type DroppedStatement,
  endorseNext,
  endorsePrevious,
  fingerprintOf,
  makeKeyPair,
  OwnIdentity,
  readPrivateKey,
  signDropped,
} from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { sampleClosed, sampleOpened, sampleRefused } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Hashes } from './hashes.js';
import { shownProblems } from './problems.js';
import { type VerifiedExport, verifyExport } from './verify-export.js';

vi.setConfig({ testTimeout: 120_000 }); // the second implementation starts a process for each head

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-01T10:00:00.000Z');
const organizationId = randomUUID();
const authority = await createAuthority(organizationId, new Date(START));
/** A text of PEM. */
const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
const iso = (ms: number): string => new Date(ms).toISOString();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

type Identity = Parameters<typeof issueCertificate>[1];

/** A key with a certificate. */
async function makeIdentity(identity: Identity, { by = authority, at = START, lifetimeMs = HOUR_MS } = {}): Promise<OwnIdentity> {
  const { publicPem, privatePem } = makeKeyPair();
  const { certificatePem } = await issueCertificate(by, identity, createPublicKey(publicPem), new Date(at), lifetimeMs);
  return new OwnIdentity({ certificate: certificatePem, privateKey: privatePem, ca: by.certificatePem });
}
const relayIdentity = (nodeId: string): Identity => ({ kind: 'relay', organizationId, nodeId, cluster: 'default' });
const serviceIdentity = (service: ChainedService): Identity => ({ kind: 'service', organizationId, service });

interface MadeFact {
  subject: string;
  body: string;
  quarantined?: string;
}

/** A chain as a relay or a service writes it; each fact is a second after the one before. */
class MadeChain {
  readonly incarnation = randomUUID();
  readonly lines: (({ line: 'fact' } & MadeFact) | { line: string; [field: string]: unknown })[] = [];
  previous = FIRST_PREVIOUS;
  number = 0;
  /** The first number that is left, and what says so. */
  from = 1;
  dropped: Dropped | undefined;

  constructor(
    readonly author: string,
    private readonly own?: OwnIdentity,
  ) {}

  private get source(): string {
    return `sluice://${this.own ? 'test' : this.author}`;
  }

  get time(): string {
    return iso(START + this.number * 1000);
  }

  fact(subject: string, data: object, more: object = {}): MadeFact {
    this.number++;
    const body = JSON.stringify({
      ...{ specversion: '1.0', id: `${this.incarnation}-${this.number}`, source: this.source, type: factType(subject) },
      ...{ time: this.time, datacontenttype: 'application/json', ...(this.own && { node: this.author }) },
      ...{ incarnation: this.incarnation, number: this.number, previous: this.previous, data, ...more },
    });
    this.previous = sha256(body);
    const fact = { line: 'fact' as const, subject, body };
    this.lines.push(fact);
    return fact;
  }

  session(kind: SessionFactKind, data: object): MadeFact {
    return this.fact(sessionFactSubject(kind, 'default', this.author, 'r'), data);
  }

  head({
    own = this.own as OwnIdentity,
    at = iso(START + (this.number + 1) * 1000),
    ...more
  }: {
    own?: OwnIdentity;
    at?: string;
    through?: number;
    hash?: string;
    signature?: string;
    certificate?: string;
  } = {}): MadeFact {
    const stated = { through: this.number, hash: this.previous, at };
    const signature = own.sign(Buffer.from(headText(this.author, this.incarnation, stated))).toString('base64');
    const subject = this.own ? relayHeadSubject('default', this.author) : serviceHeadSubject(this.author as ChainedService);
    return this.fact(subject, {
      ...stated,
      certificate: own.certificate.toString('base64'),
      signature,
      ...more,
    });
  }

  chainLine(): object {
    return {
      line: 'chain',
      author: this.author,
      name: this.own ? 'relay-1' : null,
      incarnation: this.incarnation,
      from: this.from,
      to: this.number,
      ...(this.dropped && { dropped: this.dropped }),
    };
  }
}

interface MadeRecord extends Record<string, unknown> {
  id: string;
}

/** An export with a relay's chain of four sessions and a refusal, heads, a renewed certificate, and a chain of the registry. */
class Made {
  readonly node = randomUUID();
  readonly ids = new SessionIds(this.node, () => START);
  readonly records: MadeRecord[] = [];
  readonly sessions: string[] = [];
  chain!: MadeChain;
  registry = new MadeChain('registry');
  /** Lines before the chains. */
  before: object[] = [];
  header: Record<string, unknown> = {
    ...{ line: 'export', format: 'sluice-audit-export', version: 1, authority: authority.certificatePem },
    ...{ since: iso(START), until: iso(START + HOUR_MS), exportedAt: iso(START + 2 * HOUR_MS) },
  };

  static async make(): Promise<Made> {
    const made = new Made();
    made.chain = new MadeChain(made.node, await makeIdentity(relayIdentity(made.node)));
    const { chain } = made;
    chain.fact(`audit.v1.relay.started.default.${made.node}`, { relay: { id: made.node, name: 'relay' }, before: null }); // 1
    made.addSession(); // 2, 3
    chain.head(); // 4
    made.addSession(); // 5, 6
    made.addRefusal(); // 7
    chain.head({ own: await makeIdentity(relayIdentity(made.node)) }); // 8, after a renewal
    made.addSession(); // 9, 10
    chain.head(); // 11
    made.addSession(); // 12, 13, not signed yet
    made.registry.fact(serviceStartedSubject('registry'), { service: 'registry' });
    made.registry.fact(activitySubject('user', 'added'), { object: { kind: 'user', id: 'x' } });
    return made;
  }

  addSession(): string {
    const id = this.ids.next();
    const at = Date.parse(this.chain.time);
    const begin = { ...sampleOpened(id, this.node), startedAt: iso(at), account: { id: 'a', email: 'ann@example.com' } };
    const end = { ...sampleClosed(id), endedAt: iso(at + 500), bytesUp: 1000, bytesDown: 2000 };
    this.chain.session('opened', begin);
    this.chain.session('closed', end);
    this.sessions.push(id);
    this.addRecord(begin, { ...end, agent: undefined }, { outcome: 'completed', repeats: 1 });
    return id;
  }

  addRefusal(): void {
    const data = {
      ...sampleRefused(this.ids.next(), this.node),
      startedAt: this.chain.time,
      endedAt: this.chain.time,
      repeats: 3,
    };
    this.chain.session('refused', data);
    const none = { bytesUp: 0, bytesDown: 0, exactness: 'exact', endedBy: null, revocationMs: null };
    this.addRecord(data, none, { outcome: 'refused' });
  }

  private addRecord(
    { sessionId, loginId: _, cluster: __, ...begin }: { sessionId: string; loginId: string; cluster: string },
    end: object,
    more: object,
  ): void {
    const { resource } = begin as unknown as { resource: object };
    const { sessionId: ___, ...rest } = end as { sessionId?: string };
    const agent = { agentBytesUp: null, agentBytesDown: null, countsDiffer: false };
    this.records.push({
      ...begin,
      ...rest,
      id: sessionId,
      state: 'final',
      source: 'relay',
      resource: { ...resource, endpoint: undefined },
      ...agent,
      ...more,
    });
  }

  /** The lines of a chain's facts, to be changed. */
  get lines(): MadeChain['lines'] {
    return this.chain.lines;
  }

  /** The fact with a number. */
  at(number: number): MadeFact {
    return this.chain.lines[number - 1] as unknown as MadeFact;
  }

  /** Writes the file. */
  text(): string {
    const lines = [
      this.header,
      ...this.before,
      this.chain.chainLine(),
      ...this.chain.lines,
      this.registry.chainLine(),
      ...this.registry.lines,
    ];
    const records = this.records.map((record) => ({ line: 'record', record }));
    const inFront = this.before.filter((line) => 'record' in line).length;
    const body = [...lines, ...records].map((line) => `${JSON.stringify(line)}\n`).join('');
    const facts = [...this.chain.lines, ...this.registry.lines].filter(({ line }) => line === 'fact').length;
    return `${body}${JSON.stringify({ line: 'end', facts, records: records.length + inFront, sha256: sha256(body) })}\n`;
  }
}

let folder: string;
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'sluice-verify-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = path.join(import.meta.dirname, '..', '..', '..', '..', 'tools', 'verify_export.py');

interface Given {
  readonly authority?: string;
  readonly heads?: readonly string[];
  readonly compressed?: boolean;
}

/** Verifies texts in both implementations, and expects that they agree. @returns the results of the first */
async function verify(
  texts: readonly string[],
  { authority: pem, heads = [], compressed = false }: Given = {},
): Promise<VerifiedExport[]> {
  const hashes = new Hashes(texts.length > 1);
  for (const head of heads) expect(hashes.addKept(head)).not.toBe(false);
  const results: VerifiedExport[] = [];
  for (const text of texts) results.push(await verifyExport(Readable.from([Buffer.from(text)]), { authority: pem, hashes }));
  const plain = heads.map((head) => `${head}\n`).join('');
  const kept = compressed ? gzipSync(plain) : plain;
  const files = texts.map((text, index) => write(`export-${index}`, text));
  const more = [
    ...(pem === undefined ? [] : ['--authority', write('authority.pem', pem)]),
    ...(heads.length === 0 ? [] : ['--heads', write(compressed ? 'heads.gz' : 'heads', kept)]),
  ];
  const second = inPython([...more, ...files]);
  const compared = (of: readonly VerifiedExport[]) =>
    of.map(({ ok, facts, records, recordsChecked, chains, problems, authority: by, authorities, trusted }) => ({
      ...{ ok, facts, records, recordsChecked, chains, authority: by, authorities, trusted },
      problems: problems.map(({ code, author, incarnation, number, session }) => ({
        code,
        author,
        incarnation,
        number,
        session,
      })),
    }));
  expect(JSON.parse(JSON.stringify(compared(second)))).toEqual(JSON.parse(JSON.stringify(compared(results))));
  return results;
}

function write(name: string, text: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function inPython(args: readonly string[]): VerifiedExport[] {
  let text: string;
  try {
    text = execFileSync('python3', [script, '--json', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 28,
    });
  } catch (error) {
    text = (error as { stdout: string }).stdout; // the status is 1 where something is wrong
  }
  const result = JSON.parse(text) as VerifiedExport | VerifiedExport[];
  return Array.isArray(result) ? result : [result];
}

const problemsOf = async (made: Made, given?: Given) =>
  (await verify([made.text()], given))[0]?.problems.map(({ code, number, session }) =>
    session === undefined ? [code, number] : [code, number, session],
  );

it('says how far the chain of a service is signed, and finds that its signed end was cut off', async () => {
  const made = await Made.make();
  const own = await makeIdentity(serviceIdentity('registry'));
  const first = made.registry.head({ own }); // 3
  made.registry.fact(activitySubject('user', 'added'), { object: { kind: 'user', id: randomUUID() } });
  expect((await verify([made.text()], { heads: [first.body] }))[0]).toMatchObject({
    ok: true,
    chains: [{}, { author: 'registry', signedThrough: 2, until: iso(START + 3000), unsigned: 1, complete: true }],
  });
  const second = made.registry.head({ own });
  made.registry.lines.splice(-2);
  made.registry.number -= 2;
  expect(await problemsOf(made, { heads: [first.body, second.body] })).toEqual([['cut', 5]]);
});

it('finds nothing wrong with a genuine export, across a renewed certificate, and says how far it is signed', async () => {
  const made = await Made.make();
  const [result] = await verify([made.text()]);
  expect(result).toMatchObject({ ok: true, problems: [], facts: 15, records: 5, recordsChecked: 5, trusted: false });
  expect(result?.authority).toMatch(/^[0-9a-f]{64}$/);
  expect(result?.chains).toEqual([
    {
      ...{ author: made.node, name: 'relay-1', incarnation: made.chain.incarnation, from: 1, to: 13, dropped: null },
      ...{ until: iso(START + 11_000), signedThrough: 10, unsigned: 2, gaps: 0, digests: 0, quarantined: 0, complete: true },
    },
    {
      ...{ author: 'registry', name: null, incarnation: made.registry.incarnation, from: 1, to: 2, dropped: null },
      ...{ until: null, signedThrough: null, unsigned: 2, gaps: 0, digests: 0, quarantined: 0, complete: true },
    },
  ]);
  expect((await verify([made.text()], { authority: authority.certificatePem }))[0]).toMatchObject({ ok: true, trusted: true });
});

describe('shows what was done to a chain:', () => {
  it('one byte altered', async () => {
    const made = await Made.make();
    made.at(6).body = made.at(6).body.replace('"bytesUp":1000', '"bytesUp":1001');
    expect(await problemsOf(made)).toEqual([
      ['altered', 6],
      ['record-differs', 6, made.sessions[1]],
    ]);
  });

  it('one byte altered, and the record with it', async () => {
    const made = await Made.make();
    made.at(6).body = made.at(6).body.replace('"bytesUp":1000', '"bytesUp":1001');
    (made.records[1] as MadeRecord)['bytesUp'] = 1001;
    expect(await problemsOf(made)).toEqual([['altered', 6]]);
  });

  it('a fact deleted', async () => {
    const made = await Made.make();
    made.lines.splice(6, 1);
    made.records.splice(2, 1);
    expect(await problemsOf(made)).toEqual([['missing', 7]]);
  });

  it('a fact inserted', async () => {
    const made = await Made.make();
    const forged = { ...made.at(7), line: 'fact', body: made.at(7).body.replace('"repeats":3', '"repeats":1') };
    made.lines.splice(7, 0, forged);
    expect(await problemsOf(made)).toEqual([['fork', 7]]);
  });

  it('two facts swapped', async () => {
    const made = await Made.make();
    const [two, three] = made.lines.splice(1, 2);
    made.lines.splice(1, 0, three as never, two as never);
    expect((await problemsOf(made))?.slice(0, 2)).toEqual([
      ['missing', 2],
      ['out-of-order', 2],
    ]);
  });

  it('the end cut off', async () => {
    const made = await Made.make();
    made.lines.splice(11);
    made.records.splice(4);
    expect(await problemsOf(made)).toEqual([['missing', 12]]);
  });

  it('the end cut off together with its head, where somebody else has kept the head', async () => {
    const made = await Made.make();
    const head = made.at(11).body;
    made.lines.splice(8);
    made.records.splice(3);
    made.chain.number = 8;
    expect(await problemsOf(made)).toEqual([]);
    expect((await verify([made.text()]))[0]?.chains[0]).toMatchObject({ until: iso(START + 8000), unsigned: 0 });
    expect(await problemsOf(made, { heads: [head] })).toEqual([['cut', 11]]);
    const whole = made
      .text()
      .split('\n')
      .filter((line) => !line.includes(made.node)); // without the chain and its records
    const body = whole
      .slice(0, -2)
      .map((line) => `${line}\n`)
      .join('');
    const without = `${body}${JSON.stringify({ line: 'end', facts: 2, records: 0, sha256: sha256(body) })}\n`;
    expect((await verify([without]))[0]?.ok).toBe(true);
    expect((await verify([without], { heads: [head] }))[0]?.problems).toMatchObject([
      { code: 'cut', author: made.node, number: 11 },
    ]);
    made.header['until'] = iso(START + 9000); // what was asked for ends before that head
    expect(await problemsOf(made, { heads: [head] })).toEqual([]);
  });

  it('the same in what an export destination wrote, where an event counts as a head only on the subject of its author', async () => {
    const made = await Made.make();
    const { subject, body: event } = made.at(11);
    made.lines.splice(8);
    made.records.splice(3);
    made.chain.number = 8;
    const line = (on: string, text = event) => `{"number":42,"subject":${JSON.stringify(on)},"event":${text}}`;
    const other = subject.replace(made.node, randomUUID());
    const session = sessionFactSubject('closed', 'default', made.node, 'r');
    const none = [
      line(other),
      line(session),
      line('siem.v1.ocsf.base_event.head'),
      line(subject, '{"type":"sluice.relay.head.v1"}'),
    ];
    expect(await problemsOf(made, { heads: [...none, line(subject, made.at(4).body)], compressed: true })).toEqual([]);
    expect(await problemsOf(made, { heads: [...none, line(subject)], compressed: true })).toEqual([['cut', 11]]);
  });

  it('another history of the same incarnation, in another file or in a head that somebody has kept', async () => {
    const made = await Made.make();
    const text = made.text();
    const genuine = made.at(11).body;
    const other = await Made.make();
    Object.assign(other, { node: made.node, chain: new MadeChain(made.node, await makeIdentity(relayIdentity(made.node))) });
    Object.assign(other.chain, { incarnation: made.chain.incarnation });
    other.records.length = 0;
    for (let number = 1; number < 11; number++)
      other.chain.fact(`audit.v1.relay.started.default.${made.node}`, { forged: number });
    other.chain.head();
    const results = await verify([text, other.text()]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false]);
    expect(results[1]?.problems[0]).toMatchObject({ code: 'fork', number: 1 });
    expect(await problemsOf(other, { heads: [genuine] })).toEqual([['fork', 11]]);
  });

  it("another relay's fact, a service's fact, and another author's session", async () => {
    const made = await Made.make();
    const foreign = randomUUID();
    made.chain.fact(`audit.v1.relay.started.default.${foreign}`, {}, { node: foreign });
    made.chain.fact(`audit.v1.relay.started.default.${made.node}`, {}, { node: foreign });
    const session = new SessionIds(foreign).next();
    made.chain.session('opened', sampleOpened(session, made.node));
    made.at(2).subject = sessionFactSubject('checkpoint', 'default', made.node, 'r');
    expect(await problemsOf(made)).toEqual([
      ['foreign', 2, made.sessions[0]],
      ['foreign', 14],
      ['foreign', 15],
      ['foreign', 16, session],
    ]);
  });
});

describe('shows what is wrong with a head:', () => {
  it('a signature, a hash or a number that is wrong', async () => {
    const made = await Made.make();
    made.chain.head({ signature: made.chain.head().body.match(/"signature":"([^"]+)"/)?.[1] ?? '' }); // 14, 15
    made.chain.head({ hash: '0'.repeat(64) });
    made.chain.head({ through: 2 });
    made.chain.head({ at: 'yesterday' });
    expect(await problemsOf(made)).toEqual([15, 16, 17, 18].map((number) => ['bad-head', number]));
  });

  it('a certificate of another authority, another node, a gateway, an account, or not of its time', async () => {
    const made = await Made.make();
    const [nodeId, accountId, loginId] = [randomUUID(), randomUUID(), randomUUID()];
    const own = relayIdentity(made.node);
    const other = await createAuthority(organizationId, new Date(START));
    made.chain.head({ own: await makeIdentity(own, { by: other }) }); // 14
    made.chain.head({ own: await makeIdentity(relayIdentity(nodeId)) });
    made.chain.head({ own: await makeIdentity({ kind: 'gateway', organizationId, nodeId: made.node }) });
    made.chain.head({ own: await makeIdentity({ kind: 'account', organizationId, accountId, loginId }) });
    made.chain.head({ own: await makeIdentity(own, { lifetimeMs: 1000 }) });
    made.chain.head({ own: await makeIdentity(own, { at: START + HOUR_MS }) }); // 19
    expect(await problemsOf(made)).toEqual([14, 15, 16, 17, 18, 19].map((number) => ['bad-certificate', number]));
  });

  it('a certificate of another service, or of a relay, in the chain of a service', async () => {
    const made = await Made.make();
    const before = made.registry.number;
    made.registry.head({ own: await makeIdentity(serviceIdentity('audit')) });
    made.registry.head({ own: await makeIdentity(relayIdentity(made.node)) });
    made.chain.head({ own: await makeIdentity(serviceIdentity('registry')) }); // 14
    expect(await problemsOf(made)).toEqual([
      ['bad-certificate', 14],
      ['bad-certificate', before + 1],
      ['bad-certificate', before + 2],
    ]);
  });

  it('a certificate that may issue others, or one of an authority that may not', async () => {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    write('genuine.pem', authority.certificatePem);
    write('genuine.key', authority.privatePem);
    const selfSigned = [
      'req',
      '-x509',
      ...curve,
      '-subj',
      '/CN=other',
      '-days',
      '5',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ];
    openssl(...selfSigned, '-keyout', 'other.key', '-out', 'other.pem');
    const headOf = async (issuer: string, isAuthority: string) => {
      const made = await Made.make();
      const uri = `sluice://${organizationId}/relays/${made.node}/clusters/default`;
      write(
        'extensions',
        `1.2.3.4=critical,ASN1:NULL\nbasicConstraints=critical,CA:${isAuthority}\nextendedKeyUsage=serverAuth\nsubjectAltName=URI:${uri}\n`,
      );
      openssl('req', '-new', ...curve, '-subj', '/CN=relay', '-keyout', 'own.key', '-out', 'own.csr');
      const by = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-extfile', 'extensions'];
      const certificate = openssl('x509', '-req', '-in', 'own.csr', '-days', '5', ...by);
      const privateKey = readFileSync(path.join(folder, 'own.key'), 'utf8');
      const own = new OwnIdentity({ certificate, privateKey, ca: authority.certificatePem });
      made.chain.head({ own, at: iso(Date.now() + 5000) }); // 14
      return made;
    };
    expect(await problemsOf(await headOf('genuine', 'FALSE'))).toEqual([]);
    expect(await problemsOf(await headOf('genuine', 'TRUE'))).toEqual([['bad-certificate', 14]]);
    const other = readFileSync(path.join(folder, 'other.pem'), 'utf8');
    const all = [4, 8, 11, 14].map((number) => ['bad-certificate', number]);
    expect(await problemsOf(await headOf('other', 'FALSE'), { authority: other })).toEqual(all);
  });

  it('a certificate in another form than DER', async () => {
    const made = await Made.make();
    const own = await makeIdentity(relayIdentity(made.node));
    for (const certificate of [Buffer.from(own.texts.certificate), Buffer.concat([own.certificate, Buffer.from('more')])])
      made.chain.head({ own, certificate: certificate.toString('base64') });
    expect(await problemsOf(made)).toEqual([14, 15].map((number) => ['bad-certificate', number]));
  });

  it('but not an integer that is written with a fraction or an exponent', async () => {
    for (const written of ['13.0', '13e0', '1.3e1']) {
      const made = await Made.make();
      const head = made.chain.head();
      head.body = head.body.replace('"through":13', `"through":${written}`);
      expect(await problemsOf(made)).toEqual([]);
    }
  });

  it('another authority in the file than the one that is trusted', async () => {
    const made = await Made.make();
    const genuine = await createAuthority(organizationId, new Date(START));
    expect(await problemsOf(made, { authority: genuine.certificatePem })).toEqual(
      [4, 8, 11].map((number) => ['bad-certificate', number]),
    );
  });

  it('signed by a node that was deleted before', async () => {
    const made = await Made.make();
    const deleted = { object: { kind: 'node', id: made.node } };
    made.registry.fact(activitySubject('node', 'deleted'), deleted, { time: iso(START + 9000 - 60_000) });
    expect(await problemsOf(made)).toEqual([['revoked', 11]]);
  });

  it('a clock that was put back', async () => {
    const made = await Made.make();
    made.chain.head({ at: iso(START + 5000) });
    expect(await problemsOf(made)).toEqual([['clock', 14]]);
  });
});

describe('compares records with facts:', () => {
  const changes: [string, Record<string, unknown>][] = [
    ['its person', { account: { id: 'a', email: 'bob@example.com' } }],
    ['its bytes', { bytesDown: 1 }],
    ['its end', { endReason: 'idle' }],
    ['its outcome', { outcome: 'failed' }],
    ['its time', { startedAt: iso(START) }],
    ['its server', { resource: { id: 'r', name: 'another', tags: null } }],
    ['its state, as if it still ran', { state: 'live' }],
    ['its repeats', { repeats: 2 }],
    ['the count of the agent', { agentBytesUp: 3 }],
  ];
  it.each(changes)('a record that says something else about %s', async (_, change) => {
    const made = await Made.make();
    Object.assign(made.records[0] as MadeRecord, change);
    expect(await problemsOf(made)).toEqual([['record-differs', 3, made.sessions[0]]]);
  });

  it('the same in another spelling', async () => {
    const made = await Made.make();
    Object.assign(made.records[0] as MadeRecord, { startedAt: '2026-03-01T11:00:01+01:00' });
    expect(await problemsOf(made)).toEqual([]);
  });

  it('a record that is missing, and one of a session before the time that was asked for', async () => {
    const made = await Made.make();
    made.records.splice(0, 1);
    expect(await problemsOf(made)).toEqual([['record-missing', 2, made.sessions[0]]]);
    made.header['since'] = iso(START + 1500);
    expect(await problemsOf(made)).toEqual([]);
  });

  it('an end without a fact, unless it may be presumed or be in facts that come later', async () => {
    const made = await Made.make();
    const id = made.ids.next();
    const opened = { ...sampleOpened(id, made.node), startedAt: made.chain.time, account: { id: 'a', email: 'ann@example.com' } };
    made.chain.session('opened', opened); // 14
    const record: MadeRecord = {
      ...(made.records[0] as MadeRecord),
      id,
      requestId: opened.requestId,
      startedAt: iso(START + 13_000),
      endedAt: iso(START + 13_500),
    };
    made.records.push(record);
    expect(await problemsOf(made)).toEqual([]);
    made.chain.head({ at: iso(START + 300_000) });
    expect(await problemsOf(made)).toEqual([]); // the first fact was written just before
    Object.assign(record, { endedAt: iso(START + 180_000) });
    expect(await problemsOf(made)).toEqual([['record-unfounded', 14, id]]);
    record['endReason'] = 'relay lost';
    expect(await problemsOf(made)).toEqual([]);
  });

  it('an invented record, at a time of which the file has all facts of its relay', async () => {
    const made = await Made.make();
    const id = made.ids.next();
    const record = { ...(made.records[0] as MadeRecord), id, startedAt: iso(START + 150_000), endedAt: iso(START + 200_000) };
    made.records.push(record);
    expect(await problemsOf(made)).toEqual([]);
    made.chain.head({ at: iso(START + 400_000) });
    expect(await problemsOf(made)).toEqual([['record-unfounded', undefined, id]]);
    made.at(5).quarantined = 'for a reason'; // it may have been about this session
    expect(await problemsOf(made)).toEqual([]);
  });

  it('a record before the facts, with which it could not be compared', async () => {
    const made = await Made.make();
    const forged = { ...(made.records.shift() as MadeRecord), bytesUp: 1 };
    made.before = [{ line: 'record', record: forged }];
    expect(await problemsOf(made)).toContainEqual(['malformed', undefined]);
  });

  it('a final record without a readable end', async () => {
    const made = await Made.make();
    const id = made.ids.next();
    const opened = { ...sampleOpened(id, made.node), startedAt: made.chain.time, account: { id: 'a', email: 'ann@example.com' } };
    made.chain.session('opened', opened); // 14
    made.chain.head({ at: iso(START + 400_000) });
    for (const endedAt of [null, 'yesterday', 'Mar 1, 2026 10:04 UTC', '2026-02-30T10:04:00.000Z', 5]) {
      const { requestId, startedAt } = opened;
      const record: MadeRecord = { ...(made.records[0] as MadeRecord), id, requestId, startedAt, endedAt };
      made.records.splice(5, 1, record);
      expect(await problemsOf(made)).toEqual([
        ['record-missing', 14, id],
        ['malformed', undefined, id],
      ]);
    }
  });

  it('nothing with facts of which no record was made', async () => {
    const made = await Made.make();
    made.at(2).quarantined = 'for a reason';
    made.at(3).quarantined = 'for a reason';
    made.records.splice(0, 1);
    const [result] = await verify([made.text()]);
    expect(result).toMatchObject({ ok: true, chains: [{ quarantined: 2 }, {}] });
  });
});

describe('reads a file to its end:', () => {
  it('facts before a gap, which no head covers', async () => {
    const made = await Made.make();
    made.lines.splice(6, 1, { line: 'missing', from: 7, to: 7 });
    made.records.splice(1, 2);
    made.at(5).body = made.at(5).body.replace('ann@', 'bob@'); // nothing can show it
    made.at(6).body = made.at(6).body.replace(/"previous":"[^"]*"/, `"previous":"${sha256(made.at(5).body)}"`);
    const [result] = await verify([made.text()]);
    expect(result?.chains[0]).toMatchObject({ gaps: 1, signedThrough: 10, unsigned: 4 });
  });

  it('quarantined facts that are malformed, but have their place in the chain', async () => {
    const made = await Made.make();
    const { author, incarnation } = made.chain;
    for (const body of [{ data: null }, { data: {}, node: author, type: 7 }]) {
      const number = ++made.chain.number;
      const text = JSON.stringify({ id: 'x', incarnation, number, previous: made.chain.previous, ...body });
      made.chain.previous = sha256(text);
      made.lines.push({
        line: 'fact',
        subject: sessionFactSubject('opened', 'default', author, 'r'),
        body: text,
        quarantined: 'it is malformed',
      });
    }
    made.chain.head();
    const [result] = await verify([made.text()]);
    expect(result).toMatchObject({ ok: true, chains: [{ quarantined: 2, unsigned: 0 }, {}] });
  });

  it('values that are nested deeply, texts that have no bytes, and times at the ends of time', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const nested = await Made.make();
    expect((await verify([nested.text().replace('"rule":null,', `"rule":${deep},`)]))[0]?.ok).toBe(false);
    const record = await Made.make();
    Object.assign(record.records[0] as MadeRecord, { rule: '@' });
    expect((await verify([record.text().replace('"rule":"@"', `"rule":${deep}`)]))[0]?.ok).toBe(false);
    const lone = await Made.make();
    lone.at(5).body = lone.at(5).body.replace('ann@', '\ud800@');
    expect((await problemsOf(lone))?.[0]).toEqual(['malformed', 5]);
    for (const time of ['9999-12-31T23:59:59.999Z', '0000-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z']) {
      const made = await Made.make();
      made.registry.fact(activitySubject('node', 'deleted'), { object: { kind: 'node', id: [made.node] } }, { time });
      made.registry.fact(activitySubject('node', 'deleted'), { object: { kind: 'node', id: made.node } }, { time });
      expect((await problemsOf(made))?.map(([code]) => code)).toEqual(time < '2000' ? ['revoked'] : []);
      Object.assign(made.header, { since: time, until: time });
      await verify([made.text()]);
    }
  });

  it('as many chains as a file can have, and names the first thousand problems', async () => {
    const made = await Made.make();
    const chains = Array.from({ length: 20_000 }, (_, at) => ({
      line: 'chain',
      author: made.node,
      name: null,
      incarnation: `i${at}`,
      from: 1,
      to: 1,
    }));
    made.before = chains;
    made.records.length = 0;
    const [result] = await verify([made.text()]);
    expect(result).toMatchObject({ ok: false, problemCount: 20_005 });
    expect(result?.problems.length).toBe(1000);
    made.before = [{ line: 'record', record: { id: 'x' } }, ...chains];
    const [other] = await verify([made.text()]);
    expect(new Set(other?.problems.map(({ code }) => code))).toEqual(new Set(['malformed']));
  });

  it('gaps that were reported, and facts without bytes', async () => {
    const made = await Made.make();
    const { body, subject } = made.at(7);
    made.lines[6] = { line: 'digest', subject, incarnation: made.chain.incarnation, number: 7, sha256: sha256(body) };
    made.lines.splice(4, 2, { line: 'missing', from: 5, to: 6 });
    made.records.splice(1, 2);
    const [result] = await verify([made.text()]);
    expect(result).toMatchObject({ ok: true, chains: [{ gaps: 2, digests: 1, complete: true }, {}] });
    made.lines[5] = { ...(made.lines[5] as object), line: 'digest', sha256: '1'.repeat(64) };
    expect(await problemsOf(made)).toEqual([['altered', 7]]);
  });

  it('a file that was cut, joined or counted wrongly', async () => {
    const made = await Made.make();
    const text = made.text();
    const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
    const codes = async (of: string) => (await verify([of]))[0]?.problems.map(({ code }) => code);
    expect(await codes(text.slice(0, lastLine))).toEqual(['truncated']);
    expect(await codes(text.slice(0, -1))).toEqual(['truncated']);
    expect(await codes(text.replace('"facts":15', '"facts":14'))).toEqual(['truncated']);
    expect(await codes(text.replace(organizationId, organizationId).replace('relay-1', 'relay-2'))).toEqual(['truncated']); // only the hash of the file shows it
    expect(await codes(`${text}{"line":"record","record":{}}\n`)).toEqual(['malformed']);
  });

  it('a file that was cut, in the order of its lines, before whose end another problem stands', async () => {
    const made = await Made.make();
    const kept = (made.chain.lines as MadeFact[]).filter(({ subject }) => subject.startsWith('audit.v1.relay.head.')).at(-1);
    const cut = { author: made.node, incarnation: made.chain.incarnation, number: 90 };
    const head = { ...(JSON.parse(kept?.body ?? '') as object), number: cut.number };
    const text = made.text();
    const begun = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
    const [result] = await verify([begun], { heads: [JSON.stringify(head)] });
    expect(result?.problems).toMatchObject([{ code: 'cut', ...cut }, { code: 'truncated' }]);
    const many = Array.from({ length: 12 }, (_, number) => ({ code: 'missing' as const, message: '', number }));
    const last = { code: 'truncated' as const, message: '' };
    expect(shownProblems([...many, last], 10)).toEqual([...many.slice(0, 10), last]);
    expect(shownProblems([...many.slice(0, 3), last], 10)).toEqual([...many.slice(0, 3), last]);
  });

  it('lines and facts that nobody can read', async () => {
    const made = await Made.make();
    made.lines.splice(2, 0, { line: 'what' });
    made.at(2).body = made.at(2).body.slice(1);
    made.records.splice(0, 1);
    expect((await problemsOf(made))?.slice(0, 2)).toEqual([
      ['malformed', 2],
      ['malformed', undefined],
    ]);
    const long = made.text().replace('{"line":"what"}', `"${'x'.repeat(3 * 1024 * 1024)}"`);
    expect((await verify([long]))[0]?.ok).toBe(false);
  });

  it('no file that is not an export', async () => {
    for (const text of ['', 'hello\n', '{"line":"export"}\n', '\n'])
      await expect(verifyExport(Readable.from([Buffer.from(text)]), { hashes: new Hashes(false) })).rejects.toThrow(
        'not an export',
      );
  });

  it('what records are that the console saved, which have no facts and no signatures', async () => {
    const made = await Made.make();
    const text = made.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const why = 'it has records only, as the console saves them, without facts and signatures';
    await expect(verifyExport(Readable.from([Buffer.from(text)]), { hashes: new Hashes(false) })).rejects.toThrow(why);
    const second = spawnSync('python3', [script, write('records', text)], { encoding: 'utf8' });
    expect([second.status, second.stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});

it('finds any change of the bytes of a signed fact', async () => {
  const seed = Number(process.env['SLUICE_FUZZ_SEED'] ?? 1);
  let state = seed;
  const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
  const runs = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 300);
  for (let run = 0; run < runs; run++) {
    const made = await Made.make();
    const fact = made.at(1 + random(11)); // the last of them is the last head
    const at = random(fact.body.length);
    const changed = String.fromCharCode(fact.body.charCodeAt(at) ^ (1 << random(7)));
    const before = fact.body;
    fact.body = `${before.slice(0, at)}${changed}${before.slice(at + 1)}`;
    const { problems } = await verifyExport(Readable.from([Buffer.from(made.text())]), { hashes: new Hashes(false) });
    expect([seed, before, at, changed, problems.length > 0]).toEqual([seed, before, at, changed, true]);
  }
});

describe('a chain of which retention has dropped the beginning', () => {
  /** Drops facts and records up to a number, as the audit service does; `more` is signed instead. */
  async function drop(
    made: Made,
    through: number,
    {
      own,
      signed,
      altered,
      said = true,
    }: { own?: OwnIdentity; signed?: Partial<DroppedStatement>; altered?: Partial<Dropped>; said?: boolean } = {},
  ): Promise<void> {
    const { chain } = made;
    const stated = { author: chain.author, incarnation: chain.incarnation, through, hash: sha256(made.at(through).body) };
    const gone = chain.lines.splice(0, through) as unknown as MadeFact[];
    made.records.splice(0, gone.filter(({ body }) => /"sluice.session.(opened|refused).v1"/.test(body)).length);
    chain.from = through + 1;
    made.header['since'] = iso(0);
    const by = own ?? (await makeIdentity(serviceIdentity('audit')));
    const dropped = signDropped(by, { ...stated, facts: through, records: 2, at: iso(START + 60_000), ...signed });
    if (said) chain.dropped = { ...dropped, ...altered };
  }
  const droppedFrom = async (through: number, options: Parameters<typeof drop>[2] = {}): Promise<Made> => {
    const made = await Made.make();
    await drop(made, through, options);
    return made;
  };

  it('is complete from there on, and says what was dropped', async () => {
    const made = await droppedFrom(7);
    const [result] = await verify([made.text()]);
    expect(result).toMatchObject({ ok: true, problems: [], records: 2, recordsChecked: 2 });
    expect(result?.chains[0]).toMatchObject({
      ...{ from: 8, to: 13, complete: true, signedThrough: 10 },
      dropped: { through: 7, facts: 7, records: 2, at: iso(START + 60_000) },
    });
  });

  it('is not complete if nobody says that it was dropped, in an export of everything', async () => {
    const made = await droppedFrom(7, { said: false });
    expect(await problemsOf(made)).toEqual([['missing', 1]]);
    made.header['since'] = iso(START); // its facts may have been received before
    expect(await problemsOf(made)).toEqual([]);
  });

  it('is not complete if more is missing than was dropped', async () => {
    const made = await droppedFrom(3);
    made.chain.lines.splice(0, 4); // 4 to 7
    made.chain.from = 8;
    made.records.splice(0, 2);
    expect(await problemsOf(made)).toEqual([['missing', 4]]);
    made.chain.from = 4;
    expect(await problemsOf(made)).toEqual([['missing', 4]]);
  });

  it('has another fact before it than was dropped', async () => {
    const made = await droppedFrom(7, { signed: { hash: 'a'.repeat(64) } });
    expect(await problemsOf(made)).toEqual([['altered', 7]]);
  });

  it('begins with a signed head', async () => {
    expect(await problemsOf(await droppedFrom(4))).toEqual([['bad-dropped', 5]]);
    const { subject, incarnation, sha256: hash } = { subject: 's', incarnation: 'i', sha256: 'c'.repeat(64) };
    for (const first of [
      { line: 'digest', subject, incarnation, number: 8, sha256: hash },
      { line: 'missing', from: 8, to: 8 },
    ]) {
      const made = await droppedFrom(7);
      made.chain.lines[0] = first;
      expect(await problemsOf(made)).toContainEqual(['bad-dropped', 8]);
    }
  });

  it('has facts', async () => {
    const made = await droppedFrom(7);
    made.chain.lines.splice(0);
    made.chain.number = 7;
    made.records.splice(0);
    expect(await problemsOf(made)).toEqual([['malformed', 8]]);
  });

  it.each<[string, Partial<Dropped>]>([
    ['more was dropped', { facts: 8 }],
    ['more records were dropped', { records: 3 }],
    ['it was dropped at another time', { at: iso(START + 61_000) }],
    ['the hash is another one', { hash: 'b'.repeat(64) }],
    ['it is of another chain', { incarnation: randomUUID() }],
    ['the signature is another one', { signature: Buffer.alloc(64, 1).toString('base64') }],
    ['a number is no number', { facts: '7' as unknown as number }],
  ])('is not explained by what was altered: %s', async (_, altered) => {
    expect(await problemsOf(await droppedFrom(7, { altered }))).toEqual([
      ['bad-dropped', 8],
      ['missing', 1],
    ]);
  });

  it('is not explained by what another service, another authority or a relay has signed, nor at another time', async () => {
    const node = randomUUID();
    const foreign = await createAuthority(organizationId, new Date(START));
    for (const signed of [{ facts: 2 ** 53 }, { records: 1e20 }, { incarnation: '' }, { incarnation: 'i'.repeat(201) }])
      expect(await problemsOf(await droppedFrom(7, { signed }))).toEqual([
        ['bad-dropped', 8],
        ['missing', 1],
      ]);
    for (const own of [
      await makeIdentity(serviceIdentity('registry')),
      await makeIdentity(serviceIdentity('audit'), { by: foreign }),
      await makeIdentity(relayIdentity(node)),
      await makeIdentity(serviceIdentity('audit'), { lifetimeMs: 1000 }),
    ])
      expect(await problemsOf(await droppedFrom(7, { own }))).toEqual([
        ['bad-dropped', 8],
        ['missing', 1],
      ]);
    const other = await droppedFrom(7, { signed: { incarnation: 'another' } });
    expect(await problemsOf(other)).toEqual([
      ['bad-dropped', 8],
      ['missing', 1],
    ]);
  });

  it('does not have what is said to be dropped', async () => {
    const made = await Made.make();
    const { header, lines, records } = { ...made, lines: [...made.chain.lines], records: [...made.records] };
    await drop(made, 7);
    made.chain.from = 1;
    made.chain.lines.splice(0, 6, ...lines);
    made.records.splice(0, 2, ...records);
    expect(header['since']).toBe(iso(0));
    expect(await problemsOf(made)).toEqual([['bad-dropped', 1]]);
    made.chain.lines.splice(0, 3); // which hides that some of it is missing
    made.chain.from = 4;
    expect(await problemsOf(made)).toContainEqual(['missing', 1]);
  });
});

describe('an export of an installation whose authority was rotated', () => {
  const RETIRED = iso(START + 9000);
  const fingerprints = (...of: (typeof authority)[]) => of.map(({ certificatePem }) => fingerprintOf(certificatePem));

  /** A genuine export: heads 4 and 8 are signed with certificates of the first authority, head 11 with one of the second. */
  async function rotated() {
    const second = await createAuthority(organizationId, new Date(START));
    const made = await Made.make();
    const { chain } = made;
    chain.head({ own: await makeIdentity(relayIdentity(made.node), { by: second }) }); // 14
    const [old, young] = fingerprints(authority, second) as [string, string];
    const endorses = (until: string) => endorsePrevious(readPrivateKey(second.privatePem), young, old, until);
    const first = {
      certificate: authority.certificatePem,
      acceptedUntil: iso(START + 12_000),
      endorsesNext: endorseNext(readPrivateKey(authority.privatePem), old, young) as string | null,
      endorsesPrevious: null,
    };
    const next = {
      certificate: second.certificatePem,
      acceptedUntil: null,
      endorsesNext: null,
      endorsesPrevious: endorses(first.acceptedUntil) as string | null,
    };
    made.header = { ...made.header, authority: second.certificatePem, authorities: [first, next] };
    return { made, second, first, next, endorses };
  }

  it('is verified with either of them, and without any', async () => {
    const { made, second } = await rotated();
    const both = fingerprints(authority, second);
    for (const pem of [
      undefined,
      authority.certificatePem,
      second.certificatePem,
      second.certificatePem + authority.certificatePem,
    ])
      expect((await verify([made.text()], pem === undefined ? {} : { authority: pem }))[0]).toMatchObject({
        ...{ ok: true, otherAuthority: null, authorities: both, trusted: pem !== undefined },
        authority: pem?.startsWith(authority.certificatePem) === true ? both[0] : both[1],
        chains: [{ signedThrough: 13, unsigned: 0, complete: true }, {}],
      });
  });

  it('cannot name an authority that the given one does not endorse', async () => {
    const { made, second, first, next } = await rotated();
    const forged = { ...first, endorsesNext: endorseNext(readPrivateKey(second.privatePem), ...pair(second)) };
    for (const changed of [forged, { ...first, endorsesNext: null }, { ...first, endorsesNext: next.endorsesPrevious }]) {
      made.header['authorities'] = [changed, next];
      const [result] = await verify([made.text()], { authority: authority.certificatePem });
      expect(result?.problems.map(({ code, number }) => [code, number])).toEqual([['bad-certificate', 14]]);
      expect(result).toMatchObject({ authorities: fingerprints(authority), otherAuthority: fingerprints(second)[0] });
    }
    const planted = await createAuthority(organizationId, new Date(START));
    made.chain.head({ own: await makeIdentity(relayIdentity(made.node), { by: planted }) }); // 15
    made.header['authorities'] = [first, next, { ...next, certificate: planted.certificatePem, endorsesPrevious: null }];
    expect(await problemsOf(made, { authority: authority.certificatePem })).toEqual([['bad-certificate', 15]]);
  });

  const pair = (of: typeof authority): [string, string] => [
    fingerprintOf(authority.certificatePem),
    fingerprintOf(of.certificatePem),
  ];

  it('is not accepted with an earlier authority that the given one does not endorse, or of which it says something else', async () => {
    const { made, second, first, next } = await rotated();
    const old = [
      ['bad-certificate', 4],
      ['bad-certificate', 8],
      ['bad-certificate', 11],
    ];
    made.header['authorities'] = [first, { ...next, endorsesPrevious: null }];
    expect(await problemsOf(made, { authority: second.certificatePem })).toEqual(old);
    made.header['authorities'] = [{ ...first, acceptedUntil: null }, next];
    expect(await problemsOf(made, { authority: second.certificatePem })).toEqual(old);
    made.header['authorities'] = [{ ...first, acceptedUntil: iso(START + 20_000) }, next];
    expect(await problemsOf(made, { authority: second.certificatePem })).toEqual(old);
  });

  it('has no head that was signed with a retired authority after it was retired', async () => {
    const { made, second, first, next, endorses } = await rotated();
    made.header['authorities'] = [
      { ...first, acceptedUntil: RETIRED },
      { ...next, endorsesPrevious: endorses(RETIRED) },
    ];
    for (const pem of [authority.certificatePem, second.certificatePem])
      expect(await problemsOf(made, { authority: pem })).toEqual([['bad-certificate', 11]]); // heads 4 and 8 are earlier
  });

  it('has no head of another authority for which the key of a replaced one vouches', async () => {
    const { made, second, first, next } = await rotated();
    const planted = await createAuthority(organizationId, new Date(START));
    made.chain.head({ own: await makeIdentity(relayIdentity(made.node), { by: planted }) }); // 15
    const [old, evil] = fingerprints(authority, planted) as [string, string];
    const until = iso(START + 99_000);
    const before = { certificate: planted.certificatePem, acceptedUntil: until, endorsesNext: null, endorsesPrevious: null };
    const vouching = endorsePrevious(readPrivateKey(authority.privatePem), old, evil, until);
    made.header['authorities'] = [before, { ...first, endorsesPrevious: vouching }, next];
    for (const pem of [authority.certificatePem, second.certificatePem])
      expect(await problemsOf(made, { authority: pem })).toEqual([['bad-certificate', 15]]);
  });

  it('has no authority with more bytes in its text than its certificate, which not every program reads', async () => {
    const { made, second, first, next } = await rotated();
    const { raw } = new X509Certificate(authority.certificatePem);
    const trust = Buffer.from('3000', 'hex'); // what OpenSSL knows of a trusted certificate: nothing
    for (const more of [Buffer.from('more'), new X509Certificate(second.certificatePem).raw, trust]) {
      const certificate = pemOf(Buffer.concat([raw, more]));
      made.header['authorities'] = [{ ...first, certificate }, next];
      expect((await problemsOf(made, { authority: second.certificatePem }))?.map(([, number]) => number)).toEqual([4, 8, 11]);
      const file = write('more', made.text());
      const given = write('more.pem', certificate);
      await expect(
        verifyExport(Readable.from([Buffer.from(made.text())]), { authority: certificate, hashes: new Hashes(false) }),
      ).rejects.toThrow('the certificate of the authority cannot be read');
      expect(() => execFileSync('python3', [script, '--authority', given, file], { stdio: 'pipe' })).toThrow(/cannot be read/);
    }
  });

  it('is accepted by the same authorities if one is given twice', async () => {
    const { made, second } = await rotated();
    delete made.header['authorities'];
    const [result] = await verify([made.text()], {
      authority: second.certificatePem + authority.certificatePem + second.certificatePem,
    });
    expect(result).toMatchObject({ ok: true, authorities: fingerprints(second, authority) });
  });

  it('ignores certificates that cannot be read, and is no export with records of another form', async () => {
    const { made, first, next } = await rotated();
    const unreadable = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    made.header['authorities'] = [{ ...first, certificate: unreadable }, first, next];
    expect(await problemsOf(made, { authority: authority.certificatePem })).toEqual([]);
    for (const wrong of [
      {},
      [{}],
      [{ ...first, certificate: 'nothing' }],
      [{ ...first, acceptedUntil: 'soon' }],
      [{ ...first, acceptedUntil: '0999-01-01T00:00:00.000Z' }],
      [{ ...first, certificate: first.certificate + first.certificate }],
      [{ ...first, endorsesNext: 'AAAA' }],
      'x',
    ]) {
      made.header['authorities'] = wrong;
      await expect(verifyExport(Readable.from([Buffer.from(made.text())]), { hashes: new Hashes(false) })).rejects.toThrow(
        'not an export',
      );
      const file = write('wrong', made.text());
      expect(() => execFileSync('python3', [script, file], { stdio: 'pipe' })).toThrow(/not an export/);
    }
  });
});

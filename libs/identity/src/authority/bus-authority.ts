import { Algorithms, encodeAccount, encodeOperator, encodeUser, type Export, fmtCreds, type Import } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed } from '@nats-io/nkeys';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytes = (value: string) => new Uint8Array(Buffer.from(value));
const SIGNED = { algorithm: Algorithms.v2 };
const UNLIMITED = -1;
const LIMITS = {
  subs: UNLIMITED,
  data: UNLIMITED,
  payload: UNLIMITED,
  imports: UNLIMITED,
  exports: UNLIMITED,
  conn: UNLIMITED,
  leaf: 0,
  wildcards: true,
};
const STREAMS = { mem_storage: UNLIMITED, disk_storage: UNLIMITED, streams: UNLIMITED, consumer: UNLIMITED };

/** Something that crosses between two accounts, named by the one that has it: it answers, once or with many answers, or it tells. */
export interface Crossing {
  readonly from: string;
  readonly to: string;
  readonly kind: 'answers' | 'answers many' | 'tells';
  readonly subject: string;
  /** Of what answers: the part of it that the other account may ask; all of it without this. */
  readonly part?: string;
  /** Of what is told: its name in the other account, when it is another. */
  readonly as?: string;
}

/** What one user of the bus may do. */
export interface BusPermissionSet {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Taken out of `publish`. */
  readonly never?: readonly string[];
}

/** Makes the key of an account. @returns its seed, which is secret: whoever has it signs users of the account */
export const makeAccountSeed = (): string => text(createAccount().getSeed());

/**
 * The part of a nats-server configuration that makes it trust these accounts: users are checked by signature, none is listed.
 * The operator that signs the accounts is made for it and forgotten, so that nobody can add an account; what crosses
 * between them is what is said here.
 * @param accounts seeds by name
 * @param withStreams the account that has streams
 */
export async function busServerConfig(
  accounts: Readonly<Record<string, string>>,
  crossings: readonly Crossing[],
  withStreams: string,
): Promise<string> {
  const operator = createOperator();
  const system = createAccount(); // nats-server wants one for its own affairs; nobody gets a user in it
  const keys = new Map(Object.entries(accounts).map(([name, seed]) => [name, fromSeed(bytes(seed))]));
  const signed = { ...SIGNED, signer: operator };
  const preload = [[system.getPublicKey(), await encodeAccount('system', system, {}, signed)]];
  for (const [name, key] of keys) {
    const claims = {
      limits: { ...LIMITS, ...(name === withStreams ? STREAMS : {}) },
      exports: exportsOf(crossings.filter(({ from }) => from === name)),
      imports: crossings
        .filter(({ to }) => to === name)
        .map((crossing) => importOf(crossing, keys.get(crossing.from)?.getPublicKey() ?? '')),
    };
    preload.push([key.getPublicKey(), await encodeAccount(name, key, claims, signed)]);
  }
  return [
    `operator: ${await encodeOperator('sluice', operator, { system_account: system.getPublicKey() }, SIGNED)}`,
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    `resolver_preload: { ${preload.map(([key, jwt]) => `${key}: ${jwt}`).join(', ')} }`,
  ].join('\n');
}

/** An account exports a subject once, whoever imports it. */
function exportsOf(crossings: readonly Crossing[]): Export[] {
  const unique = new Map(crossings.map((crossing) => [crossing.subject, crossing]));
  return [...unique.values()].map(({ kind, subject }) =>
    kind === 'tells'
      ? { name: subject, subject, type: 'stream' }
      : { name: subject, subject, type: 'service', response_type: kind === 'answers' ? 'Singleton' : 'Stream' },
  );
}

function importOf({ kind, subject, part = subject, as = subject }: Crossing, account: string): Import {
  const seen = kind === 'tells' ? as : part;
  return kind === 'tells'
    ? { name: seen, subject, account, type: 'stream', local_subject: seen }
    : { name: seen, subject: seen, account, type: 'service', local_subject: seen };
}

/**
 * Signs a user of the bus. Its key is the caller's (`publicKey`), or made here and returned as `seed`.
 * @param lifetimeMs undefined: does not expire (services, whose files the operator keeps).
 */
export async function issueBusUser(
  accountSeed: string,
  name: string,
  permissions: BusPermissionSet,
  options: { publicKey?: string; lifetimeMs?: number; now: Date },
): Promise<{ jwt: string; seed?: string }> {
  const account = fromSeed(bytes(accountSeed));
  const own = options.publicKey === undefined ? createUser() : undefined;
  const user = options.publicKey ?? own?.getPublicKey() ?? '';
  const claims = {
    pub: { allow: [...permissions.publish], deny: [...(permissions.never ?? [])] },
    sub: { allow: [...permissions.subscribe], deny: [] },
    resp: { max: 1, ttl: 60_000_000_000 },
    subs: UNLIMITED,
    data: UNLIMITED,
    payload: UNLIMITED,
  };
  const exp = options.lifetimeMs === undefined ? undefined : Math.floor((options.now.getTime() + options.lifetimeMs) / 1000);
  const jwt = await encodeUser(name, user, account, claims, { ...SIGNED, ...(exp === undefined ? {} : { exp }) });
  return own ? { jwt, seed: text(own.getSeed()) } : { jwt };
}

/** A user as the text of a `.creds` file, which every NATS client reads. Secret. */
export const formatCredentials = (user: { jwt: string; seed?: string }): string =>
  text(fmtCreds(user.jwt, fromSeed(bytes(user.seed ?? ''))));

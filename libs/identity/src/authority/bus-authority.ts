import {
  type Account,
  Algorithms,
  encodeAccount,
  encodeOperator,
  encodeUser,
  type Export,
  fmtCreds,
  type Import,
  newScopedSigner,
  type SigningKey,
} from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed } from '@nats-io/nkeys';
import {
  ACCOUNTS_WITH_STREAMS,
  BUS_ACCOUNTS,
  BUS_CROSSINGS,
  type BusAccount,
  type BusCrossing,
  type BusPermissions,
  readerPermissions,
} from '@sluice/contracts';

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

/** Connections of all SIEM readers together. Credentials that were replaced can still connect, although they receive nothing. */
const READER_CONNECTIONS = 512;

/** Makes the key of an account, or one that signs for it. @returns its seed, which is secret because it can sign users of the account */
export const makeAccountSeed = (): string => text(createAccount().getSeed());

/** A seed for each account of the bus. @param make gives that of one; a new one by default */
export const makeAccountSeeds = (make: (account: BusAccount) => string = makeAccountSeed): Record<BusAccount, string> =>
  Object.fromEntries(BUS_ACCOUNTS.map((account) => [account, make(account)])) as Record<BusAccount, string>;

/** Makes the system account, through which the servers of a cluster talk. Its key is discarded: nobody gets a user in it. @returns its public key */
export const makeSystemAccount = (): string => createAccount().getPublicKey();

/**
 * The part of a nats-server configuration that makes it trust these accounts: users are verified by signature, and none is listed.
 * The operator key that signs the accounts is discarded afterwards, so that nobody can add an account. `BUS_CROSSINGS` lists what
 * may cross between the accounts.
 * @param seeds of the accounts. Secret.
 * @param readers the public key with which SIEM readers are signed; it can give them no permissions but their own
 * @param options `system` is the public key of the system account: the servers of a cluster must have the same one, also while they are
 *   restarted one by one. `auditSince`: the audit service's users that were signed before this moment are refused, because in earlier
 *   releases its account was that of all services
 */
export async function busServerConfig(
  seeds: Readonly<Record<BusAccount, string>>,
  readers: string,
  { system = makeSystemAccount(), auditSince }: { readonly system?: string; readonly auditSince?: Date } = {},
): Promise<string> {
  const operator = createOperator();
  const keyOf = (account: BusAccount) => fromSeed(bytes(seeds[account]));
  const signed = { ...SIGNED, signer: operator };
  const preload = [[system, await encodeAccount('system', system, {}, signed)]];
  for (const account of BUS_ACCOUNTS) {
    const crossings = BUS_CROSSINGS.filter(({ to }) => to === account);
    const claims: Partial<Account> & { mappings: Mappings } = {
      limits: {
        ...LIMITS,
        ...(ACCOUNTS_WITH_STREAMS.includes(account) ? STREAMS : {}),
        ...(account === 'readers' ? { conn: READER_CONNECTIONS } : {}),
      },
      mappings: mappingsOf(crossings),
      signing_keys: account === 'readers' ? [scopeOf(readers)] : [],
      ...(account === 'audit' && auditSince ? { revocations: { '*': Math.floor(auditSince.getTime() / 1000) - 1 } } : {}),
      exports: exportsOf(BUS_CROSSINGS.filter(({ from }) => from === account)),
      imports: crossings.map((crossing) => ({
        ...importOf(crossing),
        account: keyOf(crossing.from).getPublicKey(),
      })),
    };
    preload.push([keyOf(account).getPublicKey(), await encodeAccount(account, keyOf(account), claims, signed)]);
  }
  return [
    `operator: ${await encodeOperator('sluice', operator, { system_account: system }, SIGNED)}`,
    `system_account: ${system}`,
    'resolver: MEMORY',
    `resolver_preload: { ${preload.map(([key, jwt]) => `${key}: ${jwt}`).join(', ')} }`,
  ].join('\n');
}

/** An account exports a subject once, for all accounts that import it. */
function exportsOf(crossings: readonly BusCrossing[]): Export[] {
  const unique = new Map(crossings.map((crossing) => [crossing.subject, crossing]));
  return [...unique.values()].map(({ kind, subject }) =>
    kind === 'stream'
      ? { name: subject, subject, type: 'stream' }
      : { name: subject, subject, type: 'service', response_type: kind === 'service' ? 'Singleton' : 'Stream' },
  );
}

const importOf = ({ kind, subject, part = subject, as = part }: BusCrossing): Omit<Import, 'account'> => ({
  name: as,
  subject: part,
  type: kind === 'stream' ? 'stream' : 'service',
  local_subject: as,
});

/** To which subject a message is mapped before it leaves the account of its sender. The JWT library has no type for it. */
type Mappings = Record<string, { subject: string }[]>;

/** A `*` of the mapped subject becomes that of the other one. */
function mappingsOf(crossings: readonly BusCrossing[]): Mappings {
  const mapped = crossings.flatMap(({ mappedFrom, as }) =>
    mappedFrom === undefined || as === undefined
      ? []
      : [[mappedFrom, [{ subject: as.replace('*', '{{wildcard(1)}}') }]] as [string, { subject: string }[]]],
  );
  return Object.fromEntries(mapped);
}

/** The key that signs SIEM readers, with the permissions that every user signed by it has. */
function scopeOf(publicKey: string): SigningKey {
  const permissions = readerPermissions();
  return newScopedSigner(publicKey, 'reader', {
    pub: { allow: [...permissions.publish] },
    sub: { allow: [...permissions.subscribe] },
    subs: permissions.subscriptions ?? UNLIMITED,
    payload: permissions.longestMessage ?? UNLIMITED,
    data: UNLIMITED,
  });
}

/** Signs a user of the bus that keeps its own key. Without a lifetime it does not expire. @returns its JWT */
export async function issueBusUser(
  accountSeed: string,
  name: string,
  permissions: BusPermissions,
  options: { publicKey: string; lifetimeMs?: number; now: Date },
): Promise<string> {
  const claims = {
    pub: { allow: [...permissions.publish], deny: [...(permissions.never ?? [])] },
    sub: { allow: [...permissions.subscribe], deny: [] },
    resp: { max: 1, ttl: 60_000_000_000 },
    subs: permissions.subscriptions ?? UNLIMITED,
    data: UNLIMITED,
    payload: permissions.longestMessage ?? UNLIMITED,
  };
  const exp = options.lifetimeMs === undefined ? undefined : Math.floor((options.now.getTime() + options.lifetimeMs) / 1000);
  const signed = { ...SIGNED, ...(exp === undefined ? {} : { exp }) };
  return encodeUser(name, options.publicKey, fromSeed(bytes(accountSeed)), claims, signed);
}

/** Makes a user of the bus that does not expire. @returns its JWT and the seed of its key, which is secret */
export async function makeBusUser(accountSeed: string, name: string, permissions: BusPermissions): Promise<BusUser> {
  const user = createUser();
  const jwt = await issueBusUser(accountSeed, name, permissions, { publicKey: user.getPublicKey(), now: new Date() });
  return { jwt, seed: text(user.getSeed()) };
}

/** Signs SIEM readers. The permissions of its users are in the server's configuration. The seed is secret. */
export interface ReaderSigner {
  /** Public key of the readers' account. */
  readonly account: string;
  readonly seed: string;
}

/** The signer of SIEM readers. @param seed of the key that signs, which the server's configuration has to name. Both seeds are secret. */
export const readerSigner = (accountSeed: string, seed: string): ReaderSigner => ({ account: publicKeyOf(accountSeed), seed });

/** The public key of a seed. */
export const publicKeyOf = (seed: string): string => fromSeed(bytes(seed)).getPublicKey();

/** Makes a SIEM reader's user, which does not expire. @returns its public key, its JWT, and the seed of its key, which is secret */
export async function makeReader(signer: ReaderSigner, name: string): Promise<BusUser & { readonly publicKey: string }> {
  const user = createUser();
  const options = { ...SIGNED, signer: fromSeed(bytes(signer.seed)), scopedUser: true };
  const jwt = await encodeUser(name, user, signer.account, {}, options);
  return { publicKey: user.getPublicKey(), jwt, seed: text(user.getSeed()) };
}

/** A user of the bus. The seed is secret. */
export interface BusUser {
  readonly jwt: string;
  readonly seed: string;
}

/** A user in the format of a `.creds` file, which every NATS client reads. Secret. */
export const formatCredentials = ({ jwt, seed }: BusUser): string => text(fmtCreds(jwt, fromSeed(bytes(seed))));

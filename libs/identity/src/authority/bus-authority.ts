import { Algorithms, encodeAccount, encodeOperator, encodeUser, type Export, fmtCreds, type Import } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed } from '@nats-io/nkeys';
import { BUS_CROSSINGS, type BusAccount, type BusCrossing, type BusPermissions } from '@sluice/contracts';

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

/** Makes the key of an account. @returns its seed, which is secret because it can sign users of the account */
export const makeAccountSeed = (): string => text(createAccount().getSeed());

/**
 * The part of a nats-server configuration that makes it trust these accounts: users are verified by signature, and none is listed.
 * The operator key that signs the accounts is discarded afterwards, so that nobody can add an account. The account of the
 * services has the streams; `BUS_CROSSINGS` lists what may cross between the accounts.
 * @param seeds of the accounts. Secret.
 */
export async function busServerConfig(seeds: Readonly<Record<BusAccount, string>>): Promise<string> {
  const operator = createOperator();
  const system = createAccount(); // nats-server requires a system account; nobody gets a user in it
  const keyOf = (account: BusAccount) => fromSeed(bytes(seeds[account]));
  const signed = { ...SIGNED, signer: operator };
  const preload = [[system.getPublicKey(), await encodeAccount('system', system, {}, signed)]];
  for (const account of Object.keys(seeds) as BusAccount[]) {
    const claims = {
      limits: { ...LIMITS, ...(account === 'services' ? STREAMS : {}) },
      exports: exportsOf(BUS_CROSSINGS.filter(({ from }) => from === account)),
      imports: BUS_CROSSINGS.filter(({ to }) => to === account).map((crossing) => ({
        ...importOf(crossing),
        account: keyOf(crossing.from).getPublicKey(),
      })),
    };
    preload.push([keyOf(account).getPublicKey(), await encodeAccount(account, keyOf(account), claims, signed)]);
  }
  return [
    `operator: ${await encodeOperator('sluice', operator, { system_account: system.getPublicKey() }, SIGNED)}`,
    `system_account: ${system.getPublicKey()}`,
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

function importOf({ kind, subject, part = subject, as = subject }: BusCrossing): Omit<Import, 'account'> {
  if (kind === 'stream') return { name: as, subject, type: 'stream', local_subject: as };
  return { name: part, subject: part, type: 'service', local_subject: part };
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

/** A user of the bus. The seed is secret. */
export interface BusUser {
  readonly jwt: string;
  readonly seed: string;
}

/** A user in the format of a `.creds` file, which every NATS client reads. Secret. */
export const formatCredentials = ({ jwt, seed }: BusUser): string => text(fmtCreds(jwt, fromSeed(bytes(seed))));

import { Algorithms, encodeAccount, encodeOperator, encodeUser } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed } from '@nats-io/nkeys';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytes = (value: string) => new Uint8Array(Buffer.from(value));
const SIGNED = { algorithm: Algorithms.v2 };
const UNLIMITED = -1;

/** The keys behind the bus: the operator signs the account, the account signs its users. Seeds are secret. */
export interface BusKeys {
  readonly operatorJwt: string;
  readonly systemPublicKey: string;
  readonly systemJwt: string;
  readonly accountSeed: string;
  readonly accountPublicKey: string;
  readonly accountJwt: string;
}

/** What one user of the bus may do. */
export interface BusPermissionSet {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Taken out of `publish`. */
  readonly never?: readonly string[];
}

/** Makes the keys of a new bus. The operator's seed is used once and forgotten. */
export async function createBusKeys(): Promise<BusKeys> {
  const operator = createOperator();
  const account = createAccount();
  const system = createAccount(); // nats-server wants one for its own affairs; nobody gets a user in it
  const operatorJwt = await encodeOperator('sluice', operator, { system_account: system.getPublicKey() }, SIGNED);
  const systemJwt = await encodeAccount('system', system, {}, { ...SIGNED, signer: operator });
  const limits = {
    subs: UNLIMITED,
    data: UNLIMITED,
    payload: UNLIMITED,
    imports: UNLIMITED,
    exports: UNLIMITED,
    conn: UNLIMITED,
    leaf: 0,
    mem_storage: UNLIMITED,
    disk_storage: UNLIMITED,
    streams: UNLIMITED,
    consumer: UNLIMITED,
    wildcards: true,
  };
  const accountJwt = await encodeAccount('sluice', account, { limits }, { ...SIGNED, signer: operator });
  return {
    operatorJwt,
    systemPublicKey: system.getPublicKey(),
    systemJwt,
    accountSeed: text(account.getSeed()),
    accountPublicKey: account.getPublicKey(),
    accountJwt,
  };
}

/** The part of a nats-server configuration that makes it trust these keys: users are checked by signature, none is listed. */
export const busServerConfig = (keys: Omit<BusKeys, 'accountSeed'>): string =>
  [
    `operator: ${keys.operatorJwt}`,
    `system_account: ${keys.systemPublicKey}`,
    'resolver: MEMORY',
    `resolver_preload: { ${keys.systemPublicKey}: ${keys.systemJwt}, ${keys.accountPublicKey}: ${keys.accountJwt} }`,
  ].join('\n');

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

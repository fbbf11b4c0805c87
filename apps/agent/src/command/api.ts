import { isUuid } from '@sluice/domain';
import { ApiError, collect, createSluiceClient, type paths, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { AgentConfig } from '../config.js';
import { readLogin } from '../login/stored-login.js';

/** The API as the signed-in account, asked for when a command runs. @throws Error when nobody is signed in */
export type SignedIn = () => SluiceClient;

/** The API as the account of the stored login. @throws Error when nobody is signed in */
export function signedIn(config: AgentConfig): SluiceClient {
  const login = readLogin(config);
  if (!login) throw new Error('nobody is signed in here: run `sluice login --server URL --email E` first');
  return createSluiceClient({ server: login.server, token: login.token });
}

type Query = { limit: number; cursor?: string };

/** The query for the next page of a list. */
export const nextPage = (cursor: string | undefined): Query => ({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });

/** Reads the first items of a list, up to `limit`. */
export async function first<T>(
  limit: number,
  readPage: (query: Query) => Promise<{ items: T[]; nextCursor?: string | undefined }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ ...nextPage(cursor), limit: Math.min(500, limit - items.length) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < limit);
  return items;
}

const CLUSTER_ID = /^c[\da-f]{12}$/;

/** Finds one thing by its name, else by its id. @throws Error if nothing has this name or id */
async function find<T>(
  what: string,
  named: string,
  byName: () => Promise<{ items: T[] }>,
  byId: () => Promise<T>,
  isId: (text: string) => boolean = isUuid,
): Promise<T> {
  const { items } = await byName();
  if (items[0]) return items[0];
  if (isId(named)) {
    try {
      return await byId();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }
  throw new Error(`there is no ${what} "${named}"`);
}

/** Finds a server by name or id. @throws Error */
export const serverNamed = (api: SluiceClient, name: string): Promise<Schemas['Server']> =>
  find(
    'server',
    name,
    () => unwrap(api.GET('/api/v1/servers', { params: { query: { name, limit: 1 } } })),
    () => unwrap(api.GET('/api/v1/servers/{id}', { params: { path: { id: name } } })),
  );

/** Finds a user by e-mail or id. @throws Error */
export const userNamed = (api: SluiceClient, email: string): Promise<Schemas['User']> =>
  find(
    'user',
    email,
    () => unwrap(api.GET('/api/v1/users', { params: { query: { email, limit: 1 } } })),
    () => unwrap(api.GET('/api/v1/users/{id}', { params: { path: { id: email } } })),
  );

/** Finds a role by name or id. @throws Error */
export const roleNamed = (api: SluiceClient, name: string): Promise<Schemas['Role']> =>
  find(
    'role',
    name,
    () => unwrap(api.GET('/api/v1/roles', { params: { query: { name, limit: 1 } } })),
    () => unwrap(api.GET('/api/v1/roles/{id}', { params: { path: { id: name } } })),
  );

/** Finds a node by name or id. @throws Error */
export const nodeNamed = (api: SluiceClient, name: string): Promise<Schemas['Node']> =>
  find(
    'node',
    name,
    () => unwrap(api.GET('/api/v1/nodes', { params: { query: { name, limit: 1 } } })),
    () => unwrap(api.GET('/api/v1/nodes/{id}', { params: { path: { id: name } } })),
  );

/** Finds a proxy cluster by name or id. @throws Error */
export const clusterNamed = (api: SluiceClient, name: string): Promise<Schemas['ProxyCluster']> =>
  find(
    'proxy cluster',
    name,
    () => unwrap(api.GET('/api/v1/clusters', { params: { query: { name, limit: 1 } } })),
    () => unwrap(api.GET('/api/v1/clusters/{id}', { params: { path: { id: name } } })),
    (text) => CLUSTER_ID.test(text),
  );

/** Finds a SIEM reader by name or id. @throws Error */
export const siemReaderNamed = (api: SluiceClient, name: string): Promise<Schemas['SiemReader']> =>
  find(
    'SIEM reader',
    name,
    () => unwrap(api.GET('/api/v1/siem-readers', { params: { query: { name, limit: 1 } } })),
    () => unwrap(api.GET('/api/v1/siem-readers/{id}', { params: { path: { id: name } } })),
  );

/** The id of a proxy cluster, which sessions keep when the cluster is deleted; an id is taken as it is. @throws Error */
export const clusterIdNamed = async (api: SluiceClient, name: string): Promise<string> =>
  name === 'default' || CLUSTER_ID.test(name) ? name : (await clusterNamed(api, name)).id;

/** The id of a gateway, which sessions keep when the gateway is deleted; an id is taken as it is. @throws Error */
export const gatewayIdNamed = async (api: SluiceClient, name: string): Promise<string> =>
  isUuid(name) ? name : (await nodeNamed(api, name)).id;

type SessionQuery = NonNullable<paths['/api/v1/sessions']['get']['parameters']['query']>;

/** The running sessions that match a filter. */
export const liveSessions = (
  api: SluiceClient,
  filter: Omit<SessionQuery, 'limit' | 'cursor' | 'live'>,
): Promise<Schemas['AuditRecord'][]> =>
  collect((cursor) => unwrap(api.GET('/api/v1/sessions', { params: { query: { ...nextPage(cursor), ...filter, live: true } } })));

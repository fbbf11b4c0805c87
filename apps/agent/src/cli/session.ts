import { collect, createSluiceClient, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { AgentConfig } from '../config.js';
import { readLogin } from '../login/kept-login.js';

/** The API as the signed-in account. @throws Error when nobody is signed in */
export function signedIn(config: AgentConfig): SluiceClient {
  const login = readLogin(config);
  if (!login) throw new Error('nobody is signed in here: run `sluice login --server URL --email E` first');
  return createSluiceClient({ server: login.server, token: login.token });
}

/** Query of the next page of a list that is read to its end. */
export const nextPage = (cursor: string | undefined) => ({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });

/** Finds a server by its name. @throws Error */
export async function serverNamed(api: SluiceClient, name: string): Promise<Schemas['Server']> {
  const { items } = await unwrap(api.GET('/api/v1/servers', { params: { query: { name, limit: 1 } } }));
  if (!items[0]) throw new Error(`there is no server "${name}"`);
  return items[0];
}

/** Finds a user by e-mail. @throws Error */
export async function userNamed(api: SluiceClient, email: string): Promise<Schemas['User']> {
  const { items } = await unwrap(api.GET('/api/v1/users', { params: { query: { email, limit: 1 } } }));
  if (!items[0]) throw new Error(`there is no user "${email}"`);
  return items[0];
}

/** Finds a role by its name. @throws Error */
export async function roleNamed(api: SluiceClient, name: string): Promise<Schemas['Role']> {
  const { items } = await unwrap(api.GET('/api/v1/roles', { params: { query: { name, limit: 1 } } }));
  if (!items[0]) throw new Error(`there is no role "${name}"`);
  return items[0];
}

/** Finds a node by name or id. @throws Error */
export async function nodeNamed(api: SluiceClient, name: string): Promise<Schemas['Node']> {
  const nodes = await collect((cursor) => unwrap(api.GET('/api/v1/nodes', { params: { query: nextPage(cursor) } })));
  const node = nodes.find((known) => known.id === name || known.name.toLowerCase() === name.toLowerCase());
  if (!node) throw new Error(`there is no node "${name}"`);
  return node;
}

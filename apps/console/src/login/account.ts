import { type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { isSignedOut } from '../api/query-client.js';

/** What an account may be in the API. */
export type ApiRole = Schemas['AgentFeed']['account']['apiRole'];
/** Who is signed in. */
export type Account = Schemas['AgentFeed']['account'];

/** The gateway writes into the page that it serves whether the browser certainly has no login: then the API need not be asked. */
let hasNoLogin = document.querySelector<HTMLMetaElement>('meta[name="login"]')?.content === 'none';

/** Notes that somebody has signed in here, or has signed out. */
export const noteLogin = (signedIn: boolean): void => void (hasNoLogin = !signedIn);

/** Who is signed in, and what they may reach; null where nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    if (hasNoLogin) return null;
    try {
      return await readMe();
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
  staleTime: 30_000,
});

/** Reads all of it: an account that may reach very many servers gets them in pages of one version. */
async function readMe(): Promise<Schemas['AgentFeed']> {
  let feed = await unwrap(api.GET('/api/v1/me', {}));
  const resources = [...feed.resources];
  while (feed.next !== undefined) {
    feed = await unwrap(
      api.GET('/api/v1/me', { params: { query: { from: feed.next, ...(feed.version && { version: feed.version }) } } }),
    );
    resources.push(...feed.resources);
  }
  return { ...feed, resources };
}

/** Who is signed in. Only for pages behind the sign-in. */
export function useAccount(): Account {
  const { data } = useSuspenseQuery(meQuery);
  if (data === null) throw new Error('nobody is signed in');
  return data.account;
}

/** Whether the account that is signed in may change things; others may only read. */
export const useIsAdministrator = (): boolean => useAccount().apiRole === 'administrator';

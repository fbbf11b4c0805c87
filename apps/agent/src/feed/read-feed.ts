import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';

type Feed = Schemas['AgentFeed'];

/** How many pages of at most 512 KiB are read, including those read again because the feed changed meanwhile. */
const MAX_PAGES = 500;

/** Reads the feed page by page. Returns `present` itself when the feed has not changed since. @throws ApiError */
export async function readFeed(api: SluiceClient, present?: Feed): Promise<Feed> {
  const ask = (query: { version?: string; from?: number }) => unwrap(api.GET('/api/v1/me', { params: { query } }));
  let page = await ask(present?.version === undefined ? {} : { version: present.version });
  if (page.unchanged === true && present) return present;
  let resources = page.resources;
  for (let asked = 1; page.next !== undefined && page.version !== undefined; asked++) {
    if (asked > MAX_PAGES) throw new Error('the list of servers changes faster than it can be read');
    const next = await ask({ version: page.version, from: page.next });
    // if the feed has changed meanwhile, the API returns the first page of the new one
    resources = next.version === page.version ? [...resources, ...next.resources] : next.resources;
    page = next;
  }
  return { ...page, resources };
}

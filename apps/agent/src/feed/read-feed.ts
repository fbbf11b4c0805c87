import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';

type Feed = Schemas['AgentFeed'];

/** Pages that are read at most, of 512 KiB each; one that changed meanwhile is begun again. */
const MOST_PAGES = 500;

/** What the account may reach now: `present` itself where it is that already, else all of it, page after page. @throws ApiError */
export async function readFeed(api: SluiceClient, present?: Feed): Promise<Feed> {
  const ask = (query: { version?: string; from?: number }) => unwrap(api.GET('/api/v1/me', { params: { query } }));
  let page = await ask(present?.version === undefined ? {} : { version: present.version });
  if (page.unchanged === true && present) return present;
  let resources = page.resources;
  for (let asked = 1; page.next !== undefined && page.version !== undefined; asked++) {
    if (asked > MOST_PAGES) throw new Error('what may be reached changes faster than it can be read');
    const next = await ask({ version: page.version, from: page.next });
    // where it has changed meanwhile, the answer is the first page of what it is now
    resources = next.version === page.version ? [...resources, ...next.resources] : next.resources;
    page = next;
  }
  return { ...page, resources };
}

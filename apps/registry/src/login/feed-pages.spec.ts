import type { AgentFeed } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { FeedPages } from './feed-pages.js';

const feedOf = (count: number): AgentFeed => ({
  organizationId: 'o',
  account: { id: 'a', email: 'a@example.test', apiRole: 'user' },
  resources: Array.from({ length: count }, (_, id) => ({
    id: String(id),
    name: `server ${'n'.repeat(100)} ${id}`,
    type: 'tcp',
    cluster: 'default',
    connectivityMode: 'loopback',
    bindAddress: '127.0.0.1',
    port: id,
    tags: {},
    health: 'healthy',
    dialTimeoutSeconds: 10,
    keepAliveSeconds: 30,
    noDelay: true,
  })),
  gateways: [{ id: 'g', address: 'g:1' }],
  relays: [],
  keepAliveSeconds: 30,
});

it('returns a feed in pages that fit into a message, all of one version even if it changes, and "unchanged" afterwards', async () => {
  const pages = new FeedPages();
  const feed = feedOf(20_000);
  let present = feed;
  const ask = (asked: { version?: string; from?: number }) => pages.answer('a', asked, async () => present);
  const first = await ask({});
  const read = [...first.resources];
  let page = first;
  while (page.next !== undefined) {
    present = feedOf(3);
    page = await ask({ version: first.version as string, from: page.next });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1024 * 1024);
    expect(page.version).toBe(first.version);
    read.push(...page.resources);
  }
  expect(read).toEqual(feed.resources);
  present = feed;
  expect(await ask({ version: first.version as string })).toMatchObject({
    unchanged: true,
    resources: [],
    version: first.version,
  });
  present = feedOf(3);
  const changed = await ask({ version: first.version as string });
  expect([changed.unchanged, changed.resources.length, changed.next]).toEqual([undefined, 3, undefined]);
});

it('continues pages that another registry began, and starts again if that version is not known', async () => {
  const feed = feedOf(5000);
  const first = await new FeedPages().answer('a', {}, async () => feed);
  const asked = { version: first.version as string, from: first.next as number };
  const second = await new FeedPages().answer('a', asked, async () => feed);
  expect(second.resources[0]).toEqual(feed.resources[asked.from]);
  const other = await new FeedPages().answer('a', asked, async () => feedOf(2));
  expect([other.resources.length, other.version === first.version]).toEqual([2, false]);
});

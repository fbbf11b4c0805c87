import { createHash } from 'node:crypto';
import { type AgentFeed, type InputOf, PAGE_BYTES, type showMe } from '@sluice/contracts';
import { SharedReads } from './shared-reads.js';

/** How long a feed that is being read page by page is kept unchanged, in milliseconds. */
const KEEP_MS = 10_000;
/** How many such feeds are kept. The oldest is dropped first, and its reader has to start again. */
const MAX_KEPT = 16;

/**
 * Returns the feed of an account in pages that fit into a message of the bus, or no resources if the caller has it already.
 *
 *   no version, or another ──► first page, with the version of the whole feed ──► further pages of that version
 *   this version           ──► "unchanged"
 */
export class FeedPages {
  /** Feeds that are being read from the database. They are shared, so that one account cannot occupy all database connections. */
  private readonly reads = new SharedReads<AgentFeed>();
  private readonly kept = new Map<string, { feed: AgentFeed; at: number }>();

  /** @param readFeed reads the present feed of the account */
  async answer(accountId: string, asked: InputOf<typeof showMe>, readFeed: () => Promise<AgentFeed>): Promise<AgentFeed> {
    const key = (version: string) => `${accountId} ${version}`;
    for (const [name, { at }] of this.kept) if (Date.now() - at > KEEP_MS) this.kept.delete(name);
    const { from, version: known } = asked;
    const begun = from === undefined || known === undefined ? undefined : this.kept.get(key(known))?.feed;
    if (begun && from !== undefined && known !== undefined) return pageOf(begun, known, from);
    const feed = await this.reads.read(accountId, readFeed);
    const version = createHash('sha256').update(JSON.stringify(feed)).digest('base64url').slice(0, 22);
    if (version === known && from === undefined)
      return { ...feed, resources: [], gateways: [], relays: [], version, unchanged: true };
    const page = pageOf(feed, version, version === known ? (from ?? 0) : 0);
    if (page.next !== undefined) {
      this.kept.set(key(version), { feed, at: Date.now() });
      for (const name of [...this.kept.keys()].slice(0, -MAX_KEPT)) this.kept.delete(name);
    }
    return page;
  }
}

function pageOf(feed: AgentFeed, version: string, from: number): AgentFeed {
  let next = from;
  for (let bytes = 0; next < feed.resources.length; next++) {
    bytes += Buffer.byteLength(JSON.stringify(feed.resources[next]));
    if (bytes > PAGE_BYTES && next > from) break;
  }
  const more = next < feed.resources.length ? { next } : {};
  return { ...feed, resources: feed.resources.slice(from, next), version, ...more };
}

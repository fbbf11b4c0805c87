import { AgentFeed } from '@sluice/contracts';
import { JsonFile } from '@sluice/process';
import type { StoredLogin } from '../login/stored-login.js';
import { z } from 'zod';

const StoredFeed = z.object({ server: z.string(), feed: AgentFeed, at: z.iso.datetime().default('1970-01-01T00:00:00.000Z') });

/** The last feed on disk. An agent that starts while the API is unreachable works from it. */
export class FeedFile {
  private readonly file: JsonFile<typeof StoredFeed>;
  private last = '';

  constructor(path: string) {
    this.file = new JsonFile(path, StoredFeed);
  }

  /** The stored feed of a login's account; undefined when there is none, or another release wrote it in a form that cannot be read. */
  read(login: StoredLogin): { feed: AgentFeed; at: string } | undefined {
    const kept = this.file.readIfUsable();
    return kept?.server === login.server && kept.feed.account.id === login.account.id ? kept : undefined;
  }

  /**
   * Stores a feed and when it was received, unless it is the same as the last one stored.
   * @throws Error when it could not be written; the previous feed stays
   */
  store(login: StoredLogin, feed: AgentFeed, at: Date): void {
    const text = JSON.stringify([login.server, feed]);
    if (text === this.last) return;
    this.file.write({ server: login.server, feed, at: at.toISOString() });
    this.last = text;
  }
}

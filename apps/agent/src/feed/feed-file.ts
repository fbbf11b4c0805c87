import { readFileSync } from 'node:fs';
import { AgentFeed } from '@sluice/contracts';
import type { AgentConfig } from '../config.js';
import type { StoredLogin } from '../login/stored-login.js';
import { writePrivate } from '../store/write-private.js';
import { z } from 'zod';

const StoredFeed = z.object({ server: z.string(), feed: AgentFeed, at: z.iso.datetime().default('1970-01-01T00:00:00.000Z') });

/** What the account could reach when it was last asked: an agent that starts while the API is away goes by it. */
export class FeedFile {
  private last = '';

  constructor(private readonly config: AgentConfig) {}

  /** The feed kept for the account of a login; undefined when there is none, or it is of another release. */
  read(login: StoredLogin): { feed: AgentFeed; at: string } | undefined {
    try {
      const kept = StoredFeed.parse(JSON.parse(readFileSync(this.config.feedFile, 'utf8')));
      return kept.server === login.server && kept.feed.account.id === login.account.id ? kept : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a feed with the time of it, if it is not the one that is kept. @throws Error when it could not be written; the one before stays */
  keep(login: StoredLogin, feed: AgentFeed, at: Date): void {
    const text = JSON.stringify([login.server, feed]);
    if (text === this.last) return;
    writePrivate(this.config.feedFile, { server: login.server, feed, at: at.toISOString() });
    this.last = text;
  }
}

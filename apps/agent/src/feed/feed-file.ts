import { AgentFeed } from '@sluice/contracts';
import { JsonFile } from '@sluice/process';
import type { AgentConfig } from '../config.js';
import type { StoredLogin } from '../login/stored-login.js';
import { z } from 'zod';

const StoredFeed = z.object({ server: z.string(), feed: AgentFeed, at: z.iso.datetime().default('1970-01-01T00:00:00.000Z') });

/** What the account could reach when it was last asked: an agent that starts while the API is away goes by it. */
export class FeedFile {
  private readonly file: JsonFile<typeof StoredFeed>;
  private last = '';

  constructor(config: AgentConfig) {
    this.file = new JsonFile(config.feedFile, StoredFeed);
  }

  /** The feed kept for the account of a login; undefined when there is none, or it is of another release. */
  read(login: StoredLogin): { feed: AgentFeed; at: string } | undefined {
    const kept = this.file.readIfUsable();
    return kept?.server === login.server && kept.feed.account.id === login.account.id ? kept : undefined;
  }

  /** Keeps a feed with the time of it, if it is not the one that is kept. @throws Error when it could not be written; the one before stays */
  keep(login: StoredLogin, feed: AgentFeed, at: Date): void {
    const text = JSON.stringify([login.server, feed]);
    if (text === this.last) return;
    this.file.write({ server: login.server, feed, at: at.toISOString() });
    this.last = text;
  }
}

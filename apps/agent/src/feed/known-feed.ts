import type { Log } from '@sluice/process';
import { ApiError, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { AgentConfig } from '../config.js';
import { FeedFile } from './feed-file.js';
import type { StoredLogin } from '../login/stored-login.js';
import type { SystemState } from '../control/control-messages.js';
import { readFeed } from './read-feed.js';
import { WithdrawnServers } from './withdrawn-servers.js';

type Feed = Schemas['AgentFeed'];

/**
 * The last feed that the API returned, since when and why it has not returned a newer one, and which servers were withdrawn
 * within a day. Feed and withdrawn servers are stored in files, so that they survive a restart of the agent.
 */
export class KnownFeed {
  /** The last feed; undefined when there has been none yet. */
  feed: Feed | undefined;
  private readonly file: FeedFile;
  private readonly withdrawn: WithdrawnServers;
  private receivedAt: Date | undefined;
  private trouble: { since: Date; why: string } | undefined;
  private suspended = false;

  constructor(
    files: Pick<AgentConfig, 'feedFile' | 'withdrawnFile'>,
    private readonly log: Log,
  ) {
    this.file = new FeedFile(files.feedFile);
    this.withdrawn = new WithdrawnServers(files.withdrawnFile, log);
  }

  /** Loads the stored feed of this login's account. */
  begin(login: StoredLogin): Feed | undefined {
    const kept = this.file.read(login);
    this.feed = kept?.feed;
    this.receivedAt = kept && new Date(kept.at);
    return this.feed;
  }

  /** Requests the feed from the API. @throws Error when the API does not return it */
  async ask(client: SluiceClient): Promise<Feed> {
    try {
      return await readFeed(client, this.feed);
    } catch (error) {
      this.trouble ??= { since: new Date(), why: '' };
      this.trouble.why = (error as Error).message;
      this.suspended = error instanceof ApiError && error.code === 'account_suspended';
      throw error;
    }
  }

  /** Makes a feed that the API returned to this login the known one. */
  adopt(login: StoredLogin, feed: Feed, client: SluiceClient): void {
    const before = this.feed?.account.id === feed.account.id ? this.feed : undefined;
    this.feed = feed;
    this.receivedAt = new Date();
    this.trouble = undefined;
    this.suspended = false;
    try {
      this.file.store(login, feed, this.receivedAt);
    } catch (error) {
      this.log.warn({ err: error }, 'the list of servers could not be saved; a start without the API would use an older one');
    }
    if (before === feed) return;
    // not awaited: listeners must follow the new feed at once, and the reasons may take a while
    void this.withdrawn.follow(before?.resources ?? [], feed, (id) =>
      unwrap(client.GET('/api/v1/me/servers/{id}/access', { params: { path: { id } } })),
    );
  }

  /** How current the feed is, for the status. */
  get systemState(): SystemState {
    return {
      knownAt: this.receivedAt?.toISOString() ?? null,
      trouble: this.trouble ? { since: this.trouble.since.toISOString(), why: this.trouble.why } : null,
      suspended: this.suspended,
      withdrawn: this.feed ? this.withdrawn.of(this.feed.account.id) : [],
    };
  }
}

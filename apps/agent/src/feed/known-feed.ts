import type { Log } from '@sluice/process';
import { ApiError, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { AgentConfig } from '../config.js';
import { FeedFile } from './feed-file.js';
import type { StoredLogin } from '../login/stored-login.js';
import type { SystemWord } from '../control/control-messages.js';
import { readFeed } from './read-feed.js';
import { WithdrawnServers } from './withdrawn-servers.js';

type Feed = Schemas['AgentFeed'];

/**
 * What the account may reach, as the system said last; since when it says nothing, and why; and what it took away within a
 * day. It outlives the agent, in files.
 */
export class KnownFeed {
  /** What was said last; undefined: nothing yet. */
  feed: Feed | undefined;
  private readonly file: FeedFile;
  private readonly withdrawn: WithdrawnServers;
  private saidAt: Date | undefined;
  private trouble: { since: Date; why: string } | undefined;
  private suspended = false;

  constructor(
    config: AgentConfig,
    private readonly log: Log,
  ) {
    this.file = new FeedFile(config);
    this.withdrawn = new WithdrawnServers(config.withdrawnFile, log);
  }

  /** Begins with what was kept of this login's account. */
  begin(login: StoredLogin): Feed | undefined {
    const kept = this.file.read(login);
    this.feed = kept?.feed;
    this.saidAt = kept && new Date(kept.at);
    return this.feed;
  }

  /** Asks the system. @throws Error where it does not say */
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

  /** Takes what the system has said to this login. */
  take(login: StoredLogin, feed: Feed, client: SluiceClient): void {
    const before = this.feed?.account.id === feed.account.id ? this.feed : undefined;
    this.feed = feed;
    this.saidAt = new Date();
    this.trouble = undefined;
    this.suspended = false;
    try {
      this.file.keep(login, feed, this.saidAt);
    } catch (error) {
      this.log.warn({ err: error }, 'what may be reached could not be kept; a start without the API goes by an older list');
    }
    if (before === feed) return;
    // nobody waits for the reasons: where servers are found now is more urgent
    void this.withdrawn.follow(before?.resources ?? [], feed, (id) =>
      unwrap(client.GET('/api/v1/me/servers/{id}/access', { params: { path: { id } } })),
    );
  }

  /** What is known of the system itself, for whoever asks for the status. */
  get word(): SystemWord {
    return {
      knownAt: this.saidAt?.toISOString() ?? null,
      trouble: this.trouble ? { since: this.trouble.since.toISOString(), why: this.trouble.why } : null,
      suspended: this.suspended,
      withdrawn: this.feed ? this.withdrawn.of(this.feed.account.id) : [],
    };
  }
}

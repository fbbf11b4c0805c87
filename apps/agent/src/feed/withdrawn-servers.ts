import { JsonFile, type Log } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import { z } from 'zod';
import { WithdrawnServer } from '../control/control-messages.js';

type Feed = Schemas['AgentFeed'];

const Kept = z.array(WithdrawnServer.extend({ id: z.string(), accountId: z.string() }));
type Kept = z.infer<typeof Kept>;

/** How long it is remembered what was taken away, in milliseconds. */
const REMEMBER_MS = 24 * 3600_000;
/** How many are remembered; of more, the oldest are forgotten. */
const MOST = 1000;
/** How many reasons are asked for at once when many servers have gone; the others have a general one. */
const MOST_ASKED = 20;

/** Says why the account may not reach a server any more. */
export type Explain = (serverId: string) => Promise<Pick<Schemas['Access'], 'message' | 'at' | 'reason'>>;

/** Servers that an account could reach and may not any more, for a day, with the reason, so that nobody wonders where they went. */
export class WithdrawnServers {
  private readonly file: JsonFile<typeof Kept>;
  private kept: Kept;

  constructor(
    file: string,
    private readonly log: Log,
  ) {
    this.file = new JsonFile(file, Kept);
    this.kept = this.file.readIfUsable() ?? [];
  }

  /** Those of an account, the newest first. */
  of(accountId: string, now = Date.now()): WithdrawnServer[] {
    return ofAccount(this.kept, accountId, now);
  }

  /** Notes which servers of an earlier feed are not in the present one, and forgets those that are there again. */
  async follow(before: Feed['resources'], feed: Feed, explain: Explain, now = Date.now()): Promise<void> {
    const present = new Set(feed.resources.map(({ id }) => id));
    const gone = before.filter(({ id }) => !present.has(id));
    const added: Kept = [];
    for (const [at, { id, name }] of gone.entries()) {
      const said = at < MOST_ASKED ? await explain(id).catch(() => undefined) : undefined;
      if (said?.reason === 'reachable') continue; // given back meanwhile
      added.push({
        id,
        name,
        accountId: feed.account.id,
        at: said?.at ?? new Date(now).toISOString(),
        why: said?.message ?? 'no role of yours reaches it',
      });
    }
    const again = new Set([...present, ...added.map(({ id }) => id)]);
    const stays = this.kept.filter(
      ({ id, accountId, at }) => (accountId !== feed.account.id || !again.has(id)) && now - Date.parse(at) < REMEMBER_MS,
    );
    if (added.length === 0 && stays.length === this.kept.length) return;
    this.kept = [...stays, ...added].slice(-MOST);
    try {
      this.file.write(this.kept);
    } catch (error) {
      this.log.warn({ err: error }, 'what was taken away could not be kept');
    }
  }
}

/** Those that an agent has kept of an account, the newest first. */
export const readWithdrawn = (file: string, accountId: string): WithdrawnServer[] =>
  ofAccount(new JsonFile(file, Kept).readIfUsable() ?? [], accountId, Date.now());

const ofAccount = (kept: Kept, accountId: string, now: number): WithdrawnServer[] =>
  kept
    .filter((server) => server.accountId === accountId && now - Date.parse(server.at) < REMEMBER_MS)
    .map(({ name, at, why }) => ({ name, at, why }))
    .sort((a, b) => b.at.localeCompare(a.at));

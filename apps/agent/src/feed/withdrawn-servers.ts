import { JsonFile, type Log } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import { z } from 'zod';
import { WithdrawnServer } from '../control/control-messages.js';

type Feed = Schemas['AgentFeed'];

const Kept = z.array(WithdrawnServer.extend({ id: z.string(), accountId: z.string() }));
type Kept = z.infer<typeof Kept>;

/** How long withdrawn servers are remembered, in milliseconds. */
const REMEMBER_MS = 24 * 3600_000;
/** How many are remembered; beyond that the oldest are dropped. */
const MAX_REMEMBERED = 1000;
/** For how many servers of one change the API is asked for the reason; the others get a general one. */
const MAX_EXPLAINED = 20;

/** Finds out why the account may no longer reach a server. */
export type Explain = (serverId: string) => Promise<Pick<Schemas['Access'], 'message' | 'at' | 'reason'>>;

/** Servers that an account lost access to within the last day, with the reason, so that `status` can explain why they are missing. */
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

  /** The withdrawn servers of an account, the newest first. */
  of(accountId: string, now = Date.now()): WithdrawnServer[] {
    return ofAccount(this.kept, accountId, now);
  }

  /** Notes which servers of an earlier feed are missing from the present one, and drops those that can be reached again. */
  async follow(before: Feed['resources'], feed: Feed, explain: Explain, now = Date.now()): Promise<void> {
    const present = new Set(feed.resources.map(({ id }) => id));
    const gone = before.filter(({ id }) => !present.has(id));
    const added: Kept = [];
    for (const [at, { id, name }] of gone.entries()) {
      const access = at < MAX_EXPLAINED ? await explain(id).catch(() => undefined) : undefined;
      if (access?.reason === 'reachable') continue; // access was restored meanwhile
      added.push({
        id,
        name,
        accountId: feed.account.id,
        at: access?.at ?? new Date(now).toISOString(),
        why: access?.message ?? 'no role of yours reaches it',
      });
    }
    const superseded = new Set([...present, ...added.map(({ id }) => id)]);
    const remaining = this.kept.filter(
      ({ id, accountId, at }) => (accountId !== feed.account.id || !superseded.has(id)) && now - Date.parse(at) < REMEMBER_MS,
    );
    if (added.length === 0 && remaining.length === this.kept.length) return;
    this.kept = [...remaining, ...added].slice(-MAX_REMEMBERED);
    try {
      this.file.write(this.kept);
    } catch (error) {
      this.log.warn({ err: error }, 'the list of withdrawn servers could not be saved');
    }
  }
}

/** The withdrawn servers of an account as an agent has saved them, the newest first. */
export const readWithdrawn = (file: string, accountId: string): WithdrawnServer[] =>
  ofAccount(new JsonFile(file, Kept).readIfUsable() ?? [], accountId, Date.now());

const ofAccount = (kept: Kept, accountId: string, now: number): WithdrawnServer[] =>
  kept
    .filter((server) => server.accountId === accountId && now - Date.parse(server.at) < REMEMBER_MS)
    .map(({ name, at, why }) => ({ name, at, why }))
    .sort((a, b) => b.at.localeCompare(a.at));

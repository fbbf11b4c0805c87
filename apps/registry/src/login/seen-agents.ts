import type { DataSource } from 'typeorm';

const NOTE_EVERY_MS = 60_000;
/** How many logins are remembered. Others are noted each time. */
const MAX_REMEMBERED = 100_000;

/** Notes, at most once a minute for each login, that an agent acts under it: agents ask for their feed again and again. */
export class SeenAgents {
  private readonly notedAt = new Map<string, number>();

  /** Never rejects: what is not noted now is noted at the agent's next request. */
  async note(database: DataSource, loginId: string): Promise<void> {
    const now = performance.now();
    if (now - (this.notedAt.get(loginId) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return;
    if (this.notedAt.size >= MAX_REMEMBERED) this.notedAt.clear();
    this.notedAt.set(loginId, now);
    await database.query('update login set agent_seen_at = now() where id = $1', [loginId]).catch(() => {
      this.notedAt.delete(loginId);
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** How often a lock that another process has is tried again, in milliseconds. */
const TRY_AGAIN_MS = 500;

/**
 * Holds one connection for what a session of PostgreSQL is needed for: an advisory lock that only one process has, and
 * NOTIFY. Ends itself when the connection is lost; its owner then makes a new one.
 */
export class LockedListener {
  private constructor(
    private readonly client: pg.Client,
    /** Resolves when the lock and the connection are gone. */
    readonly lost: Promise<void>,
  ) {}

  /** Waits for the lock, then listens. @returns undefined when the signal came first. */
  static async acquire(
    url: string,
    lock: number,
    channel: string,
    onNotify: () => void,
    signal: AbortSignal,
  ): Promise<LockedListener | undefined> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
      application_name: 'sluice-listener',
    });
    const lost = new Promise<void>((resolve) => {
      client.on('end', resolve);
      client.on('error', () => resolve());
    });
    try {
      await client.connect();
      while (!signal.aborted) {
        const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lock]);
        if (rows[0]?.held === true) {
          client.on('notification', onNotify);
          await client.query(`listen ${channel}`);
          return new LockedListener(client, lost);
        }
        await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    await client.end().catch(() => undefined);
    return undefined;
  }

  /** Gives up lock and connection. */
  async release(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

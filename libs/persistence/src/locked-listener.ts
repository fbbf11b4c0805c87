import { setTimeout as sleep } from 'node:timers/promises';
import { ImpatientClient } from './impatient-client.js';
import { NOTICE_LOST_SERVER, sessionOptions } from './lost-peers.js';

/** How often to retry a lock that another process holds, in milliseconds. */
const TRY_AGAIN_MS = 500;

/**
 * Holds one connection for an advisory lock, which only one process can hold, and for LISTEN; both need a session of PostgreSQL.
 * It ends when the connection is lost; its owner then creates a new one.
 */
export class LockedListener {
  private constructor(
    private readonly client: ImpatientClient,
    /** Resolves when the lock and the connection are released or lost. */
    readonly lost: Promise<void>,
  ) {}

  /** Waits for the lock, then listens. @returns undefined if the signal was aborted first */
  static async acquire(
    url: string,
    lock: number,
    channel: string,
    onNotify: () => void,
    signal: AbortSignal,
  ): Promise<LockedListener | undefined> {
    const client = new ImpatientClient({
      connectionString: url,
      connectionTimeoutMillis: 3000,
      options: sessionOptions(),
      ...NOTICE_LOST_SERVER,
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

  /** Releases the lock and the connection. */
  async release(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

import { isDataError } from '@sluice/persistence';
import type { EntityManager } from 'typeorm';
import { NotARecordError } from './not-a-record.js';

/**
 * Does some work under a savepoint, and rolls it back if the data is impossible.
 * @returns why it was rolled back; undefined when it succeeded
 * @throws Error when the database is to blame, so that the whole batch is retried later
 */
export async function withSavepoint(tx: EntityManager, work: () => Promise<unknown>): Promise<Error | undefined> {
  await tx.query('savepoint fact');
  try {
    await work();
    await tx.query('release savepoint fact');
    return undefined;
  } catch (error) {
    if (!(error instanceof NotARecordError) && !isDataError(error)) throw error;
    await tx.query('rollback to savepoint fact');
    return error as Error;
  }
}

import { isDataError } from '@sluice/persistence';
import type { DataSource } from 'typeorm';
import { storeBare } from './store-bare.js';
import { storeBatch, type Stored, type StreamMessage } from './store-batch.js';

/** The result of storing a batch. */
export interface StoredFacts extends Stored {
  /** How many of the facts could only be stored in the barest form. */
  readonly bare: number;
}

/**
 * Stores a batch, so that afterwards all of it may be acknowledged. No fact holds up another, whatever fails: if storing them
 * together fails because of the data, each half is stored by itself, and so on down to the facts that fail alone, which are
 * quarantined in the barest form.
 * @throws Error if PostgreSQL is to blame, so that the whole batch is retried later; parts of it may be stored, which is harmless
 */
export async function storeFacts(database: DataSource, messages: readonly StreamMessage[]): Promise<StoredFacts> {
  try {
    return { ...(await storeBatch(database, messages)), bare: 0 };
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [message, ...others] = messages;
    if (!message) throw error;
    if (others.length === 0) return { ...(await storeBare(database, message, error)), bare: 1 };
    const middle = Math.ceil(messages.length / 2);
    const first = await storeFacts(database, messages.slice(0, middle));
    return joined(first, await storeFacts(database, messages.slice(middle)));
  }
}

const joined = (one: StoredFacts, two: StoredFacts): StoredFacts => ({
  progress: [...one.progress, ...two.progress],
  quarantined: [...one.quarantined, ...two.quarantined],
  active: new Set([...one.active, ...two.active]),
  records: [...one.records, ...two.records],
  bare: one.bare + two.bare,
});

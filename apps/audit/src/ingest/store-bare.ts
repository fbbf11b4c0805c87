import { sqlStateOf } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { notAdmitted } from '../chain/admit-journals.js';
import { advanceChains, journalName, type Progress } from '../chain/advance-chains.js';
import { digestOf } from '../fact/digest-of.js';
import { type ReceivedFact, readFact } from '../fact/read-fact.js';
import { noteIntegrity } from '../integrity/note-integrity.js';
import { withSavepoint } from '../record/with-savepoint.js';
import { countTraffic } from '../traffic/count-traffic.js';
import type { Stored, StreamMessage } from './store-batch.js';
import { takeReceipts } from './stream-position.js';

/**
 * Stores a fact whose data made storing it fail: its digest, a row in quarantine that says where in the stream its bytes are,
 * an integrity finding, and the progress of its chain. Nothing in it is text of the author but the ids that the schema has
 * checked, and each of these steps is behind a savepoint, so that one that fails all the same does not prevent the others.
 * @throws Error if PostgreSQL is to blame
 */
export function storeBare(database: DataSource, message: StreamMessage, error: unknown): Promise<Stored> {
  const fact = readFact(message.subject, message.data);
  const reason = `storing it failed (${sqlStateOf(error) ?? (error as Error).name}); its bytes are message ${message.seq} of the stream until they expire`;
  return database.transaction(async (tx) => {
    let progress: Progress[] = [];
    await withSavepoint(tx, () => insertDigest(tx, fact));
    let quarantineId: string | undefined;
    await withSavepoint(tx, async () => void (quarantineId = await quarantineDigest(tx, fact, reason)));
    if (quarantineId !== undefined) {
      const detail = { quarantineId: Number(quarantineId), reason };
      await withSavepoint(tx, () => noteIntegrity(tx, 'quarantined', fact.author, detail));
    }
    const from = await takeReceipts(tx, [message]);
    await withSavepoint(tx, async () => {
      if ((await notAdmitted(tx, [fact])).size === 0) progress = await advanceChains(tx, { facts: [fact], fresh: [fact], from });
    });
    await withSavepoint(tx, () => countTraffic(tx, [fact], []));
    const journals = progress.map(({ author, incarnation }) => journalName(author, incarnation));
    return {
      progress,
      quarantined: [{ fact, kind: 'quarantined', reason, inFact: true }],
      active: new Set([...(fact.author === null ? [] : [fact.author]), ...journals]),
      records: [],
    };
  });
}

async function insertDigest(tx: EntityManager, fact: ReceivedFact): Promise<void> {
  const { author, id, place, subject } = fact;
  if (author === null || id === undefined) return;
  await tx.query(
    'insert into fact (author, id, subject, incarnation, number, digest) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
    [author, id, subject, place?.incarnation ?? null, place?.number ?? null, digestOf(fact)],
  );
}

/** @returns the id of the row; undefined if it was there */
async function quarantineDigest(tx: EntityManager, fact: ReceivedFact, reason: string): Promise<string | undefined> {
  const rows = await tx.query<{ id: string }[]>(
    `insert into quarantine (subject, author, kind, digest, reason, fact_id) values ($1, $2, 'quarantined', $3, $4, $5)
     on conflict on constraint quarantine_once do nothing returning id`,
    [fact.subject, fact.author, digestOf(fact), reason, fact.author === null ? null : (fact.id ?? null)],
  );
  return rows[0]?.id;
}

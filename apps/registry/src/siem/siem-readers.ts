import { randomUUID } from 'node:crypto';
import {
  FACT_CONSUMER,
  type createSiemReader,
  type Delivery,
  formatOfSubjects,
  inboxPrefix,
  type InputOf,
  type listSiemReaders,
  MAX_SIEM_READERS,
  notFound,
  OCSF_CONSUMER,
  parseEventSubjects,
  type OutputOf,
  readerConsumer,
  type replaySiemReader,
  type SiemReader,
  streamOfSubjects,
  type WantedReader,
} from '@sluice/contracts';
import { nameKey, parseDisplayName } from '@sluice/domain';
import { formatCredentials, makeReader, type ReaderSigner } from '@sluice/identity/bus-authority';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { type Change, versionConflict } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';

interface ReaderRow {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly name_key: string;
  readonly subjects: string[];
  readonly user_key: string;
  readonly from_time: Date | null;
  readonly from_number: string | null;
  readonly start: number;
  readonly created_at: Date;
  readonly created_by: string;
  readonly rotated_at: Date | null;
}

/** How far consumers have come, by their names. */
export type Deliveries = ReadonlyMap<string, Delivery>;

/** A reader as it is stored, without how far events have come. */
type StoredReader = Omit<SiemReader, 'delivery' | 'conversion'>;

/** A reader with its new credentials. */
export interface NewReader {
  readonly reader: StoredReader;
  readonly credentials: string;
}

type Start = Pick<InputOf<typeof replaySiemReader>, 'fromTime' | 'fromNumber'>;

/** Where the reader's consumer begins: at a time or a number, and now if neither is given. @throws ProblemError 422 for both */
function startOf({ fromTime = null, fromNumber = null }: Start): [time: Date | null, number: number | null] {
  if (fromTime !== null && fromNumber !== null) {
    const message = 'the start is a time or a number, not both';
    throw refusedBy({ code: 'siem_start_invalid', message, field: 'fromNumber', value: String(fromNumber) });
  }
  if (fromNumber !== null) return [null, fromNumber];
  const now = new Date();
  const time = fromTime === null ? now : new Date(fromTime);
  if (time > now || time.getTime() < 0) {
    const message = 'the start is a time from 1970 until now';
    throw refusedBy({ code: 'siem_start_invalid', message, field: 'fromTime', value: String(fromTime) });
  }
  return [time, null];
}

/**
 * Creates a reader. Subjects and the name of its consumer use the key of its user, so its name can be anything. The audit service
 * makes the consumer.
 */
export async function createReader(
  { tx, record }: Change,
  signer: ReaderSigner,
  by: string,
  input: InputOf<typeof createSiemReader>,
): Promise<NewReader> {
  const name = accepted(parseDisplayName(input.name));
  if ([FACT_CONSUMER, OCSF_CONSUMER].includes(nameKey(name))) {
    const message = 'this names the audit service itself, where readers are listed';
    throw refusedBy({ code: 'name_taken', message, field: 'name', value: name });
  }
  const subjects = accepted(parseEventSubjects(input.subjects, input.format));
  const [time, number] = startOf(input);
  await tx.query('lock table siem_reader in share row exclusive mode'); // so that they can be counted
  const [present] = await tx.query<{ n: number }[]>('select count(*)::int as n from siem_reader');
  if ((present?.n ?? 0) >= MAX_SIEM_READERS) {
    const message = `there are ${MAX_SIEM_READERS} SIEM readers already: delete one that is not used any more`;
    throw refusedBy({ code: 'siem_readers_full', message, field: 'name', value: name });
  }
  const id = randomUUID();
  const user = await makeReader(signer, id);
  await tx
    .query(
      `insert into siem_reader (id, version, name, name_key, subjects, user_key, from_time, from_number, start, created_by)
       values ($1, 1, $2, $3, $4, $5, $6, $7, 1, $8)`,
      [id, name, nameKey(name), subjects, user.publicKey, time, number, by],
    )
    .catch((error: unknown) => {
      if (violatedConstraint(error) !== 'siem_reader_name_unique') throw error;
      const message = 'there is a SIEM reader of this name already (names ignore case)';
      throw refusedBy({ code: 'name_taken', message, field: 'name', value: name });
    });
  const reader = show(await oneReader(tx, id));
  await record('created', { kind: 'siem-reader', id, name }, null, recorded(reader));
  return { reader, credentials: formatCredentials(user) };
}

/** Gives a reader a new user, and with it a new consumer, which continues where the old one was. @throws ProblemError 404, 409 */
export async function rotateReader(
  { tx, record }: Change,
  signer: ReaderSigner,
  asked: { id: string; version: number },
): Promise<NewReader> {
  const before = await lockReader(tx, asked);
  const user = await makeReader(signer, before.id);
  await tx.query('update siem_reader set user_key = $2, rotated_at = now(), version = version + 1 where id = $1', [
    before.id,
    user.publicKey,
  ]);
  const reader = show(await oneReader(tx, before.id));
  const named = { kind: 'siem-reader', id: before.id, name: before.name };
  await record('rotated', named, { consumer: readerConsumer(before.user_key) }, { consumer: reader.consumer });
  return { reader, credentials: formatCredentials(user) };
}

/** Lets a reader's consumer begin again at another place. @throws ProblemError 404, 409, 422 */
export async function replayReader({ tx, record }: Change, asked: InputOf<typeof replaySiemReader>): Promise<StoredReader> {
  if ((asked.fromTime ?? null) === null && (asked.fromNumber ?? null) === null) {
    const message = 'from which time or number events are to be received again is missing';
    throw refusedBy({ code: 'siem_start_invalid', message, field: 'fromTime' });
  }
  const [time, number] = startOf(asked);
  const before = await lockReader(tx, asked);
  await tx.query(
    'update siem_reader set from_time = $2, from_number = $3, start = start + 1, version = version + 1 where id = $1',
    [before.id, time, number],
  );
  const reader = show(await oneReader(tx, before.id));
  const named = { kind: 'siem-reader', id: before.id, name: before.name };
  const { fromTime, fromNumber } = show(before);
  await record('replayed', named, { fromTime, fromNumber }, { fromTime: reader.fromTime, fromNumber: reader.fromNumber });
  return reader;
}

/** Deletes a reader. The audit service removes its consumer. @throws ProblemError 404, 409 */
export async function deleteReader({ tx, record }: Change, asked: { id: string; version: number }): Promise<void> {
  const before = await lockReader(tx, asked);
  await tx.query('delete from siem_reader where id = $1', [before.id]);
  await record('deleted', { kind: 'siem-reader', id: before.id, name: before.name }, recorded(show(before)), null);
}

/** One reader. @throws ProblemError 404 */
export const findReader = async (tx: EntityManager, id: string): Promise<StoredReader> => show(await oneReader(tx, id));

/** One page of readers by name. */
export async function pageOfReaders(
  database: DataSource,
  input: InputOf<typeof listSiemReaders>,
  deliveries: () => Promise<Deliveries>,
): Promise<OutputOf<typeof listSiemReaders>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { id: 'uuid' });
  const rows = await database.query<ReaderRow[]>(
    `select * from siem_reader where ($1::text is null or name_key = $1) and ($2::text is null or (name_key, id) > ($2, $3::uuid))
      order by name_key, id limit $4`,
    [input.name === undefined ? null : nameKey(input.name), after?.[0] ?? null, after?.[1] ?? null, input.limit + 1],
  );
  const known = rows.length === 0 ? new Map<string, Delivery>() : await deliveries();
  return pageOf(
    rows,
    input.limit,
    (row) => [row.name_key, row.id],
    (row) => withDelivery(show(row), known),
  );
}

/** A reader, and how far its events have come if that is known. */
export const withDelivery = <T extends StoredReader>(reader: T, deliveries: Deliveries): T & SiemReader => ({
  ...reader,
  delivery: deliveries.get(reader.consumer) ?? null,
  conversion: (reader.format === 'ocsf' ? deliveries.get(OCSF_CONSUMER) : undefined) ?? null,
});

/** The consumers that the readers need. */
export async function readWanted(database: DataSource): Promise<WantedReader[]> {
  const rows = await database.query<ReaderRow[]>('select * from siem_reader order by id');
  return rows.map((row) => {
    const { id, name, consumer, subjects, fromTime, fromNumber } = show(row);
    return { id, name, consumer, subjects, fromTime, fromNumber, start: row.start };
  });
}

async function lockReader(tx: EntityManager, asked: { id: string; version: number }): Promise<ReaderRow> {
  const row = await oneReader(tx, asked.id, 'for update');
  if (row.version !== asked.version) throw versionConflict('SIEM reader', asked.version, row.version);
  return row;
}

async function oneReader(tx: EntityManager, id: string, lock: 'for update' | '' = ''): Promise<ReaderRow> {
  const [row] = await tx.query<ReaderRow[]>(`select * from siem_reader where id = $1 ${lock}`, [id]);
  if (!row) throw notFound('SIEM reader', id);
  return row;
}

const show = (row: ReaderRow): StoredReader => ({
  id: row.id,
  version: row.version,
  name: row.name,
  format: formatOfSubjects(row.subjects),
  subjects: row.subjects,
  stream: streamOfSubjects(row.subjects),
  consumer: readerConsumer(row.user_key),
  inboxPrefix: inboxPrefix(row.user_key),
  fromTime: row.from_time?.toISOString() ?? null,
  fromNumber: row.from_number === null ? null : Number(row.from_number),
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  rotatedAt: row.rotated_at?.toISOString() ?? null,
});

/** What an activity says of a reader. */
const recorded = ({ name, subjects, consumer, fromTime, fromNumber }: StoredReader) => ({
  name,
  subjects,
  consumer,
  fromTime,
  fromNumber,
});

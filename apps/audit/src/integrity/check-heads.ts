import { AUDIT_METRICS, Envelope, isHeadSubject } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import { type CertificateVerifier, checkHead, type InvalidHead, type ValidHead } from '@sluice/identity';
import { counterOf } from '@sluice/process';
import type { DataSource, EntityManager } from 'typeorm';
import { journalName } from '../chain/advance-chains.js';
import type { ReceivedFact } from '../fact/read-fact.js';
import { noteIntegrity } from './note-integrity.js';

/**
 * How many heads are checked in one transaction, and how many of one author, so that an author with many heads does not delay
 * others. Authors are taken in random order, so that none is always the last.
 */
const AT_ONCE = 100;
const OF_ONE_AT_ONCE = 10;
/** How many transactions one call makes, so that a flood of heads does not delay what else is to be done. */
const ROUNDS = 10;

const checked = counterOf(AUDIT_METRICS.heads);

/** A head that was stored and is to be checked. */
interface HeadRow {
  readonly author: string;
  readonly incarnation: string;
  readonly number: string;
  /** Null if only the digest was kept. */
  readonly bytes: Buffer | null;
}

/** What certificates are checked against. */
type Authority = Pick<CertificateVerifier, 'verify'>;

/** Notes new heads, to be checked after the batch is stored: a signature is checked with a certificate that may not be at hand yet. */
export async function noteHeads(tx: EntityManager, fresh: readonly ReceivedFact[]): Promise<void> {
  const heads = fresh.filter(({ author, place, subject }) => author !== null && place && isHeadSubject(subject));
  if (heads.length === 0) return;
  await tx.query(
    `insert into head_to_check (author, incarnation, number) select * from unnest($1::text[], $2::text[], $3::bigint[])
     on conflict do nothing`,
    [heads.map(({ author }) => author), heads.map(({ place }) => place?.incarnation), heads.map(({ place }) => place?.number)],
  );
}

/**
 * Checks the signatures and certificates of heads that were stored, in whatever order they arrived, and notes how far each chain
 * is signed. A head that proves nothing is reported, and holds up nothing. Several copies of this service check different heads.
 *
 *   stored head ──► signed by its author, about the fact before it? ──► chain.signed_through
 *                                        └──► no: integrity fact `unproven`
 */
export async function checkHeads(database: DataSource, authority: Authority, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < ROUNDS && !signal.aborted; round++)
    if ((await database.transaction((tx) => checkSome(tx, authority))) === 0) return;
}

async function checkSome(tx: EntityManager, authority: Authority): Promise<number> {
  const heads = await tx.query<HeadRow[]>(
    `with recursive author (id) as (
       (select author from head_to_check order by author limit 1)
       union all
       select (select author from head_to_check where author > a.id order by author limit 1) from author a where a.id is not null
     ), due as (
       select h.ctid from author a cross join lateral (
         select ctid from head_to_check where author = a.id order by incarnation, number limit $2) h
        order by random() limit $1
     ), head as (
       delete from head_to_check where ctid in (
         select ctid from head_to_check where ctid in (select ctid from due) for update skip locked) returning *)
     select h.author, h.incarnation, h.number, f.bytes from head h join fact f using (author, incarnation, number)`,
    [AT_ONCE, OF_ONE_AT_ONCE],
  );
  for (const head of heads.toSorted(inLockOrder)) await checkOne(tx, head, authority);
  return heads.length;
}

/** Everybody locks the rows of chains in this order. */
const inLockOrder = (a: HeadRow, b: HeadRow): number => {
  const [one, two] = [a, b].map(({ author, incarnation }) => journalName(author, incarnation)) as [string, string];
  return one === two ? Number(a.number) - Number(b.number) : one < two ? -1 : 1;
};

async function checkOne(tx: EntityManager, head: HeadRow, authority: Authority): Promise<void> {
  const { author, incarnation, number } = head;
  const [chain] = await tx.query<{ signed_at: Date | null; signed_through: string | null }[]>(
    'select signed_at, signed_through from chain where author = $1 and incarnation = $2 for update',
    [author, incarnation],
  );
  const result = head.bytes === null ? NOT_KEPT : read(head, head.bytes, authority);
  checked.inc({ result: 'code' in result ? result.code : 'valid' });
  const report = (reason: string) => noteIntegrity(tx, 'unproven', author, { incarnation, number: Number(number), reason });
  if ('code' in result) return report(result.message);
  const { through, at } = result;
  if (through <= Number(chain?.signed_through ?? 0)) return;
  const before = chain?.signed_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (Date.parse(at) < before)
    await report(`it was signed at ${at}, and an earlier head at ${new Date(before).toISOString()}: the clock was put back`);
  const set = 'update chain set signed_through = $3, signed_at = $4 where author = $1 and incarnation = $2';
  await tx.query(set, [author, incarnation, through, at]);
}

/** The budget of quarantined bytes of its author was used up. */
const NOT_KEPT: InvalidHead = { code: 'bad-head', message: 'its bytes were not kept' };

function read({ author, incarnation, number }: HeadRow, bytes: Buffer, authority: Authority): ValidHead | InvalidHead {
  const { previous = '', data } = Envelope.safeParse(parseJson(bytes.toString('utf8'))).data ?? {};
  return checkHead({ author, incarnation, number: Number(number), previous, data }, authority);
}

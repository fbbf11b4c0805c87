import { ChainPlace, FIRST_PREVIOUS } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import { journalName } from '../chain/advance-chains.js';
import { digestOf } from '../fact/digest-of.js';
import type { ReceivedFact } from '../fact/read-fact.js';
import { noteIntegrity } from './note-integrity.js';

/** How many facts after those of a batch are read at once: a hostile relay chooses their size, and which numbers it sends first. */
const READ_AT_ONCE = 50;

/** A fact with a number. */
interface Numbered {
  readonly author: string;
  readonly place: ChainPlace;
  readonly digest: string;
}

/** Facts of one chain that were altered. */
interface Altered {
  readonly author: string;
  readonly incarnation: string;
  /** The lowest of their numbers, and how many there are. */
  number: number;
  facts: number;
}

/**
 * Compares new facts with those before and after them in their chains, in whatever order they arrive: each names the hash of
 * the one before it. What does not fit is reported, once per batch and chain, and holds up nothing.
 *
 *   stored fact 4 ◄─previous─ new fact 5 ◄─previous─ stored fact 6
 *
 * The rows of their chains are locked by the transaction (see `advanceChains`), so that of two copies of this service that store
 * neighbours at the same time, the second sees the fact of the first.
 */
export async function noteAltered(tx: EntityManager, fresh: readonly ReceivedFact[]): Promise<void> {
  const numbered = new Map<string, Numbered>();
  for (const fact of fresh) {
    const { author, place } = fact;
    if (author !== null && place) numbered.set(nameOf(author, place), { author, place, digest: digestOf(fact).toString('hex') });
  }
  if (numbered.size === 0) return;
  const altered = new Map<string, Altered>();
  /** @param number of the altered fact; 1 if the first one names a fact before it */
  const report = ({ author, place: { incarnation } }: Numbered, number: number) => {
    const name = journalName(author, incarnation);
    const found = altered.get(name) ?? { author, incarnation, number, facts: 0 };
    altered.set(name, { ...found, number: Math.min(found.number, number), facts: found.facts + 1 });
  };
  const stored = await digestsBefore(
    tx,
    [...numbered.values()].filter((fact) => !before(numbered, fact)),
  );
  for (const [name, fact] of numbered) {
    const { number, previous } = fact.place;
    const digest = number === 1 ? FIRST_PREVIOUS : (before(numbered, fact)?.digest ?? stored.get(name));
    if (digest !== undefined && previous !== digest) report(fact, Math.max(number - 1, 1));
  }
  const last = [...numbered.values()].filter((fact) => !numbered.has(nameOf(fact.author, fact.place, 1)));
  for (let from = 0; from < last.length; from += READ_AT_ONCE) {
    const some = last.slice(from, from + READ_AT_ONCE);
    for (const [fact, previous] of await previousAfter(tx, some)) if (previous !== fact.digest) report(fact, fact.place.number);
  }
  const inOrder = [...altered].sort(([a], [b]) => (a < b ? -1 : 1)); // rows are locked in one order
  for (const [, { author, ...detail }] of inOrder) await noteIntegrity(tx, 'altered', author, { ...detail });
}

const nameOf = (author: string, { incarnation, number }: ChainPlace, ahead = 0): string =>
  `${journalName(author, incarnation)} ${number + ahead}`;
const before = (facts: ReadonlyMap<string, Numbered>, { author, place }: Numbered): Numbered | undefined =>
  facts.get(nameOf(author, place, -1));

const GIVEN = 'unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as i (author, incarnation, number, n)';
const columns = (facts: readonly Numbered[], ahead: number) => [
  facts.map(({ author }) => author),
  facts.map(({ place }) => place.incarnation),
  facts.map(({ place }) => place.number + ahead),
];

/** The hashes of the stored facts before some, by the names of these. */
async function digestsBefore(tx: EntityManager, facts: readonly Numbered[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ n: string; digest: string }[]>(
    `select i.n, encode(coalesce(f.digest, sha256(f.bytes)), 'hex') as digest from ${GIVEN}
       join fact f on f.author = i.author and f.incarnation = i.incarnation and f.number = i.number`,
    columns(facts, -1),
  );
  return new Map(
    rows.map(({ n, digest }) => {
      const { author, place } = facts[Number(n) - 1] as Numbered;
      return [nameOf(author, place), digest];
    }),
  );
}

/** What the stored facts after some say about these. One of which only the digest is stored says nothing any more. */
async function previousAfter(tx: EntityManager, facts: readonly Numbered[]): Promise<[Numbered, string | undefined][]> {
  const rows = await tx.query<{ n: string; bytes: Buffer }[]>(
    `select i.n, f.bytes from ${GIVEN}
       join fact f on f.author = i.author and f.incarnation = i.incarnation and f.number = i.number
      where f.bytes is not null`,
    columns(facts, 1),
  );
  return rows.map(({ n, bytes }) => [
    facts[Number(n) - 1] as Numbered,
    ChainPlace.safeParse(parseJson(bytes.toString('utf8'))).data?.previous,
  ]);
}

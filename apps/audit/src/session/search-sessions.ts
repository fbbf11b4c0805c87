import { type Actor, type InputOf, type listSessions, type OutputOf, ProblemError } from '@sluice/contracts';
import { parseSessionFilter, type SessionFilter } from '@sluice/domain';
import { decodeCursor, encodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { type AskIds, type FilterOfIds, withIds } from './ids-of-names.js';
import { ofAccount, pathsOf, type SearchPath } from './search-paths.js';
import { conditionsOf } from './session-conditions.js';
import { ownOnly, type SessionRow, showRecord, WITH_CLUSTER } from './sessions.js';
import { allOf, type SqlPart, SqlValues } from './sql-values.js';

/** How many records a request looks at: along the time, where they lie beside each other, or on a path, where each may lie elsewhere. */
const MOST_LOOKED_AT = { newest: 10_000, path: 3000 } as const;
/** How many of them at first, after which three times as many follow as long as little time has passed: what is not in memory is read from a disk, one by one. */
const AT_FIRST = { newest: 2500, path: 500 } as const;
const LITTLE_MS = 25;
/** Of several paths, the one whose records up to this place reach back furthest has the fewest. */
const COMPARED_AT = 200;

type Limits = Readonly<Record<keyof typeof MOST_LOOKED_AT, number>>;
type Query = Pick<EntityManager, 'query'>;
/** A record that fits, or the last one that is looked at, which may not fit. */
type FoundRow = SessionRow & { readonly started_key: string; readonly fits: boolean | null; readonly place: string };

/** What has no order is read whole and then sorted, however few rows are needed; and compiling a plan takes longer than these do. */
const ROWS_IN_ORDER = 'set local enable_bitmapscan = off; set local enable_seqscan = off; set local jit = off';

/** The order of the index of all records, and that of the indexes of paths: the same, since all of these records have a time. */
const ORDER = { newest: 'order by started_at desc, id desc', path: 'order by started_at desc nulls last, id desc' } as const;

/**
 * One page of records, newest first. A record is hidden until its beginning is known.
 *
 * Each part of a filter that has an index is a path to its records. The path with the fewest records is followed, and the other parts
 * are compared there; where there is none, the newest records are looked through. Either ends after a number of records that depends
 * on nothing, so that no request is slow: the page may then have few records or none, and the cursor continues after the last record
 * that was looked at. What takes long because it is read from a disk ends sooner.
 */
export async function searchSessions(
  database: DataSource,
  askIds: AskIds,
  actor: Actor,
  input: InputOf<typeof listSessions>,
  limits: Limits = MOST_LOOKED_AT,
): Promise<OutputOf<typeof listSessions>> {
  const own = ownOnly(actor);
  const { filters: asked, unknown } = filtersOf(input);
  const filters = await withIds(asked, askIds, own === null ? unknown : undefined); // a user may not ask which gateways there are
  const cursor = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { key: 'time', id: 'uuid' });
  const began = performance.now();
  // one state of the tables for all questions: which path is the best, and what is on it
  return database.transaction('REPEATABLE READ', async (tx) => {
    await tx.query(ROWS_IN_ORDER);
    const path = await bestPath(tx, await allPaths(tx, filters, own), withinTimes(filters, own, cursor));
    const most = limits[path === undefined ? 'newest' : 'path'];
    const rows: FoundRow[] = [];
    let last: FoundRow | undefined;
    let looked = 0;
    let next = Math.min(most, AT_FIRST[path === undefined ? 'newest' : 'path']);
    do {
      const within = withinTimes(filters, own, last === undefined ? cursor : [last.started_key, last.id]);
      const found = await find(tx, { path, within, filters, most: next, limit: input.limit + 1 - rows.length });
      rows.push(...found.filter(({ fits }) => fits === true));
      last = found.find(({ place }) => Number(place) === next);
      looked += next;
      next = Math.min(next * 3, most - looked);
    } while (rows.length <= input.limit && last !== undefined && next > 0 && performance.now() - began < LITTLE_MS);
    const page = pageOf(rows, input.limit, (row) => [row.started_key, row.id], showRecord);
    if (page.nextCursor !== undefined || last === undefined) return page;
    return { ...page, nextCursor: encodeCursor(last.started_key, last.id) };
  });
}

/** What is looked at, and what for. */
interface Look {
  readonly path: SearchPath | undefined;
  readonly within: SqlPart;
  readonly filters: readonly FilterOfIds[];
  /** How many records are looked at. */
  readonly most: number;
  /** How many are to be found. */
  readonly limit: number;
}

/** The first records that fit, and the last one that was looked at if not enough of them do. */
function find(tx: Query, { path, within, filters, most, limit }: Look): Promise<FoundRow[]> {
  const order = ORDER[path === undefined ? 'newest' : 'path'];
  return query<FoundRow>(tx, (values) => {
    const looked = lookedAt(path, within, most)(values);
    const fits = allOf(filters.flatMap((filter) => conditionsOf(filter, values)));
    return `select *, ${fits} as fits, started_at::text as started_key, ${WITH_CLUSTER}
      from (select * from (select *, row_number() over (${order}) as place from (${looked}) looked) session
             where ${fits} or place = ${most} ${order} limit ${limit}) session ${order}`;
  });
}

/** Sends a statement with its values. */
function query<T>(tx: Query, part: SqlPart): Promise<T[]> {
  const values = new SqlValues();
  const sql = part(values);
  return tx.query<T[]>(sql, values.all);
}

/** The parameters, and the filter as it was typed; both must match. `unknown` makes the error for a name in either that nothing has. */
function filtersOf({ cursor: _cursor, limit: _limit, filter: typed, ...given }: InputOf<typeof listSessions>) {
  const parsed = typed === undefined ? undefined : parseSessionFilter(typed, Date.now());
  const wrong = (column: number, message: string) =>
    new ProblemError(400, 'invalid_input', `filter has an error at column ${column}: ${message}`, {
      field: 'filter',
      value: typed ?? '',
    });
  if (parsed?.ok === false) throw wrong(parsed.column, parsed.message);
  const unknown = (at: number, field: 'gateway' | 'proxyCluster', name: string): ProblemError => {
    const message = `there is no ${field === 'gateway' ? 'gateway' : 'proxy cluster'} "${name}"`;
    if (at === 0) return new ProblemError(400, 'invalid_input', message, { field, value: name });
    return wrong(parsed?.columns[field] ?? 1, message);
  };
  const filters: SessionFilter[] = parsed === undefined ? [given] : [given, parsed.filter];
  return { filters, unknown };
}

/** Whose records may be shown, of which times. */
function withinTimes(filters: readonly FilterOfIds[], own: string | null, after: readonly [string, string] | undefined): SqlPart {
  return (values) =>
    allOf([
      'started_at is not null',
      ...(own === null ? [] : [`account_id = ${values.place(own)}`]),
      ...filters.flatMap(({ since, until }) => [
        ...(since === undefined ? [] : [`started_at >= ${values.place(since)}::timestamptz`]),
        ...(until === undefined ? [] : [`started_at < ${values.place(until)}::timestamptz`]),
      ]),
      ...(after === undefined
        ? []
        : [`(started_at, id) < (${values.place(after[0])}::timestamptz, ${values.place(after[1])}::uuid)`]),
    ]);
}

/** Of a user's own records there is one path: on any other one would lie those of everybody, without a limit to how many are passed over. */
async function allPaths(tx: Query, filters: readonly FilterOfIds[], own: string | null): Promise<SearchPath[]> {
  if (own !== null) return [ofAccount(own)];
  const paths: SearchPath[] = [];
  for (const filter of filters) paths.push(...(await pathsOf(tx, filter)));
  return paths;
}

/** The path with the fewest records near the beginning of the page: what it has if that is little, else the moment that it reaches back to. */
async function bestPath(tx: Query, paths: readonly SearchPath[], within: SqlPart): Promise<SearchPath | undefined> {
  if (paths.length === 0) return undefined;
  if (paths.length === 1) return paths[0];
  const [reaches] = await query<Record<string, number>>(tx, (values) => {
    const placed = paths.map(
      (path, at) =>
        `(select case when count(*) < ${COMPARED_AT} then count(*) - 1e15 else extract(epoch from min(started_at)) end::float8
            from (${lookedAt(path, within, COMPARED_AT)(values)}) near) as "${at}"`,
    );
    return `select ${placed.join(', ')}`;
  });
  const epochs = paths.map((_, at) => reaches?.[at] ?? 0);
  return paths[epochs.indexOf(Math.min(...epochs))];
}

/** The records that are looked at, newest first, and no more of them. */
const lookedAt =
  (path: SearchPath | undefined, within: SqlPart, most: number): SqlPart =>
  (values) => {
    if (path === undefined) return `select * from session where ${within(values)} ${ORDER.newest} limit ${most}`;
    if (path.length === 0) return 'select * from session where false';
    const ways = path.map(
      (condition) => `(select * from session where ${condition(values)} and ${within(values)} ${ORDER.path} limit ${most})`,
    );
    if (ways.length === 1) return ways[0] as string;
    return `select distinct on (started_at, id) * from (${ways.join(' union all ')}) way ${ORDER.path} limit ${most}`; // a record may be on several
  };

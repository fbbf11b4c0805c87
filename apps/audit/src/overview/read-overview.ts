import type { Overview } from '@sluice/contracts';
import type { DataSource } from 'typeorm';

/** How long figures are cached, in milliseconds: at least, at most, and per millisecond that reading them took. */
const KEEP_MS = { least: 2000, most: 30_000, perReading: 50 } as const;
const LISTED = 5;
const LISTED_FINDINGS = 20;

type Hour = Pick<Overview, 'live' | 'minutes' | 'findings'>;
type Day = Pick<Overview, 'hours' | 'servers' | 'users' | 'reasons'>;
type Span = Overview['minutes'][number];
type Share = Overview['servers'][number];
type Finding = Overview['findings'][number];

/** Reads the overview. Its figures are the same for everybody, so they are read once for all who ask within a moment. */
export class OverviewReader {
  private readonly hour: Kept<Hour>;
  private readonly day: Kept<Day>;

  constructor(database: DataSource) {
    this.hour = new Kept(() => readHour(database));
    this.day = new Kept(() => readDay(database));
  }

  /** The figures of the records, and the findings about facts. */
  async read(): Promise<Hour & Day> {
    return { ...(await this.hour.get()), ...(await this.day.get()) };
  }
}

/** A value that is read at most once within a time, however many ask for it: the longer reading takes, the longer it is cached. */
class Kept<T> {
  private value: Promise<T> | undefined;
  private until = 0;

  constructor(private readonly read: () => Promise<T>) {}

  get(): Promise<T> {
    if (this.value !== undefined && performance.now() < this.until) return this.value;
    this.until = Infinity; // until it has been read
    const began = performance.now();
    const reading = this.read();
    this.value = reading;
    const keepFor = (ms: number) => (this.until = performance.now() + ms);
    reading.then(
      () => keepFor(Math.min(KEEP_MS.most, Math.max(KEEP_MS.least, (performance.now() - began) * KEEP_MS.perReading))),
      () => keepFor(0),
    );
    return reading;
  }
}

/** A record may stand for several attempts; sums are no integers of PostgreSQL, which overflow. One whose time lies ahead, by a relay's wrong clock, belongs to no span. */
const SPANS = (unit: 'minute' | 'hour', within: string) => `
  select date_trunc('${unit}', started_at) as at,
         coalesce(sum(repeats) filter (where outcome is null), 0)::float8 as live,
         coalesce(sum(repeats) filter (where outcome = 'completed'), 0)::float8 as completed,
         coalesce(sum(repeats) filter (where outcome = 'refused'), 0)::float8 as refused,
         coalesce(sum(repeats) filter (where outcome = 'failed'), 0)::float8 as failed,
         coalesce(sum(bytes_up + bytes_down), 0)::float8 as bytes
    from session where started_at > now() - interval '${within}' and started_at <= now()
   group by 1 order by 1`;

/** Those with the most sessions and those with the most bytes, which may be the same. */
const SHARES = (id: string, name: string) => `
  with share as (
    select ${id} as id, max(${name}) as name, sum(repeats)::float8 as sessions, coalesce(sum(bytes_up + bytes_down), 0)::float8 as bytes
      from session where started_at > now() - interval '1 day' and started_at <= now()
     group by 1),
  ranked as (
    select *, row_number() over (order by sessions desc, bytes desc, id) as by_sessions,
              row_number() over (order by bytes desc, sessions desc, id) as by_bytes
      from share)
  select id, name, sessions, bytes from ranked
   where by_sessions <= ${LISTED} or by_bytes <= ${LISTED} order by by_sessions`;

const REASONS = `
  select outcome, end_reason as "endReason", sum(repeats)::float8 as count
    from session where started_at > now() - interval '1 day' and started_at <= now() and outcome in ('refused', 'failed')
   group by 1, 2 order by count desc, 2`;

const FINDINGS = `
  select kind, nullif(author, '') as author, sum(findings)::float8 as count, max(at) as "lastAt"
    from integrity where at > now() - interval '1 day'
   group by kind, author order by "lastAt" desc, kind, author limit ${LISTED_FINDINGS}`;

async function readHour(database: DataSource): Promise<Hour> {
  const [live] = await database.query<{ count: number }[]>(
    `select count(*)::int as count from session where state = 'live' and started_at is not null`,
  );
  return {
    live: live?.count ?? 0,
    minutes: await readSpans(database, SPANS('minute', '60 minutes')),
    findings: await readFindings(database),
  };
}

async function readDay(database: DataSource): Promise<Day> {
  return {
    hours: await readSpans(database, SPANS('hour', '1 day')),
    servers: await database.query<Share[]>(SHARES('resource_id', 'resource_name')),
    users: await database.query<Share[]>(SHARES('account_id', 'account_email')),
    reasons: await database.query<Overview['reasons']>(REASONS),
  };
}

async function readSpans(database: DataSource, sql: string): Promise<Span[]> {
  const rows = await database.query<(Omit<Span, 'at'> & { at: Date })[]>(sql);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

async function readFindings(database: DataSource): Promise<Finding[]> {
  const rows = await database.query<(Omit<Finding, 'lastAt'> & { lastAt: Date })[]>(FINDINGS);
  return rows.map((row) => ({ ...row, lastAt: row.lastAt.toISOString() }));
}

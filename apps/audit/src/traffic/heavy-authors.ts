import { AUDIT_METRICS } from '@sluice/contracts';
import { gaugeOf, type Log } from '@sluice/process';
import type { DataSource } from 'typeorm';

const MIB = 1024 * 1024;
const MAX_AUTHORS = 20;

const heavyBytes = gaugeOf(AUDIT_METRICS.heavyAuthor);

/** When an author's share counts as alarming. */
export interface HeavyLimits {
  /** The maximum size of the stream of facts. */
  readonly streamBytes: number;
  /** The share of it, in percent, that one author published within an hour. */
  readonly alarmPercent: number;
}

interface Heavy {
  author: string;
  facts: string;
  bytes: string;
  /** Whether this is the first time within the hour. */
  news: boolean;
}

/**
 * Finds authors whose facts of the last hour take a large share of the stream of facts. The administrator is warned before the
 * stream is full, with figures that show which node to delete.
 */
export class HeavyAuthors {
  troubles: string[] = [];

  /**
   * Evaluates the last hour, reports each heavy author once per hour, and deletes figures that no budget needs any more.
   */
  async look(database: DataSource, { streamBytes: limit, alarmPercent: percent }: HeavyLimits, log: Log): Promise<void> {
    const heavy = await database.query<Heavy[]>(
      `with heavy as (
         select author, sum(facts) as facts, sum(bytes) as bytes from traffic
          where began_at > now() - interval '1 hour' group by author having sum(bytes) >= $1 order by bytes desc limit $2
       ), reported as (
         insert into integrity (kind, author, what, detail)
           select 'flood', author, date_trunc('hour', now())::text, jsonb_build_object('facts', facts, 'bytes', bytes, 'limit', $3::bigint)
             from heavy
         on conflict on constraint integrity_once do nothing returning author)
       select h.*, r.author is not null as news from heavy h left join reported r using (author)`,
      [(limit * percent) / 100, MAX_AUTHORS, limit],
    );
    await database.query("delete from traffic where began_at < now() - interval '2 days'");
    heavyBytes.reset();
    this.troubles = heavy.map(({ author, facts, bytes, news }) => {
      heavyBytes.set({ author }, Number(bytes));
      const share = `${author} published ${facts} facts within an hour, ${(Number(bytes) / MIB).toFixed(1)} MiB, ${Math.floor((Number(bytes) / limit) * 100)} % of the capacity of the stream of facts`;
      const trouble = `${share}: if this load is unexpected, delete the node`;
      if (news) log.error({ author, facts: Number(facts), bytes: Number(bytes), limit }, trouble);
      return trouble;
    });
  }
}

import type { Log } from '@sluice/process';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';

const MIB = 1024 * 1024;
const AT_MOST = 20;

const heavyBytes = new Gauge({
  name: 'sluice_audit_heavy_author_bytes',
  help: 'bytes of facts within an hour, of authors whose share of the stream is alarming',
  labelNames: ['author'],
});

/** From when on an author's share is alarming. */
export interface HeavyLimits {
  /** Bytes that the stream of facts holds. */
  readonly streamBytes: number;
  /** The share of them, of one author and one hour. */
  readonly alarmPercent: number;
}

interface Heavy {
  author: string;
  facts: string;
  bytes: string;
  /** Whether that was reported just now. */
  news: boolean;
}

/**
 * Authors whose facts of the last hour are a large share of what the stream of facts holds. The administrator is warned
 * of them before the stream is at its limit, with the figures, so that it is clear which node is to be deleted.
 */
export class HeavyAuthors {
  troubles: string[] = [];

  /**
   * Looks at the last hour, reports each of them once an hour, and forgets what is older than any budget asks for.
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
      [(limit * percent) / 100, AT_MOST, limit],
    );
    await database.query("delete from traffic where began_at < now() - interval '2 days'");
    heavyBytes.reset();
    this.troubles = heavy.map(({ author, facts, bytes, news }) => {
      heavyBytes.set({ author }, Number(bytes));
      const share = `${author} published ${facts} facts within an hour, ${(Number(bytes) / MIB).toFixed(1)} MiB, ${Math.floor((Number(bytes) / limit) * 100)} % of what the stream of facts holds`;
      const trouble = `${share}: if that is no ordinary load, delete the node`;
      if (news) log.error({ author, facts: Number(facts), bytes: Number(bytes), limit }, trouble);
      return trouble;
    });
  }
}

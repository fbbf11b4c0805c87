import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Facts about a session name it, so that they are found; and the proxy cluster of each relay is known, so that records are found by
 * it. A relay belongs to one cluster for as long as it exists, so that of older records is known too.
 *
 *   fact            `session_id` of the session or attempt; null for other facts, for those of which no record could be made, and
 *                   for those that were stored before: facts never change. Ids of sessions begin with their time, so new entries
 *                   are added at the end of the index, which costs little
 *   relay_cluster   one row per relay that has published a fact, which the subject of its facts tells
 */
export class Audit0014 implements MigrationInterface {
  name = 'Audit00149000000000014'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table fact add column session_id uuid;
      create index fact_of_session on fact (session_id, received_at) where session_id is not null;

      create table relay_cluster (
        relay_id text constraint relay_cluster_once primary key,
        cluster text not null
      );
      grant select, insert on relay_cluster to sluice_audit;

      with recursive author (id) as (
        (select f.author from fact f order by f.author limit 1)
        union all
        select (select f.author from fact f where f.author > a.id order by f.author limit 1) from author a where a.id is not null
      )
      insert into relay_cluster (relay_id, cluster)
        select a.id, split_part(known.subject, '.', 5) from author a cross join lateral (
          select f.subject from fact f
           where f.author = a.id and (f.subject like 'audit.v1.session.%' or f.subject like 'audit.v1.relay.%') limit 1) known
         where a.id like '%-%';
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration need not be reverted: an earlier release works with these tables too');
  }
}

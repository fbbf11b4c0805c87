import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Bytes are kept once, and those of one author are counted.
 *
 *   fact         without its bytes, and with their digest, where its author's budget of quarantined bytes is used up
 *   quarantine   the bytes of facts that are in `fact` are there alone: `fact_id`
 *   traffic      what was taken of each author, by five minutes, for two days
 */
export class Audit0008 implements MigrationInterface {
  name = 'Audit0008000000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table fact
        alter column bytes drop not null,
        add column digest bytea,
        add constraint fact_bytes_or_digest check (bytes is not null or digest is not null);
      alter table quarantine
        alter column bytes drop not null,
        add column fact_id text;

      create table traffic (
        author text not null,
        began_at timestamptz not null,
        facts bigint not null,
        bytes bigint not null,
        quarantined_bytes bigint not null,
        constraint traffic_once primary key (author, began_at)
      );
      create index traffic_by_time on traffic (began_at);
      grant select, insert, update, delete on traffic to sluice_audit;

      alter table integrity
        drop constraint integrity_kind_known,
        add constraint integrity_kind_known check (kind in ('quarantined', 'conflict', 'gap', 'late', 'unopened', 'flood'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('bytes that were not kept do not come back');
  }
}

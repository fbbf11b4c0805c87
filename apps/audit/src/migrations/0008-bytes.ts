import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores the bytes of a fact only once, and counts the bytes of each author.
 *
 *   fact         has only a digest instead of the bytes if its author's budget of quarantined bytes is used up
 *   quarantine   refers to the bytes in `fact` by `fact_id` instead of storing them again
 *   traffic      facts and bytes received from each author, in intervals of five minutes, for two days
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
    throw new Error('this migration cannot be reverted: bytes that were not kept cannot be restored');
  }
}

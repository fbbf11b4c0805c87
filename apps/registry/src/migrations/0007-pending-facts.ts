import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A fact of the registry has its bytes here from before it is published until its row is marked, so that a registry which
 * takes over from one that was killed in between publishes the same bytes, not another fact of the same thing.
 *
 *   activity, attempt ──► pending_fact ──► stream ──► row marked, pending_fact removed
 */
export class Registry0007 implements MigrationInterface {
  name = 'Registry0007000000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table pending_fact (
        key text primary key,
        subject text not null,
        bytes bytea not null,
        kept_at timestamptz not null default clock_timestamp()
      );
      grant select, insert, delete on pending_fact to sluice_registry;
    `);
  }

  async down(): Promise<void> {
    throw new Error('facts that may be published are not given up');
  }
}

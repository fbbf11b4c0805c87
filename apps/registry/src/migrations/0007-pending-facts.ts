import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The bytes of a fact are stored here before it is published, until its row is marked as published. If the registry is killed
 * in between, the next one publishes the same bytes again instead of a second fact about the same thing.
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
    throw new Error('this migration cannot be reverted: facts that may have been published would be lost');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the agent's own count of a session's bytes, next to the relay's. */
export class Audit0002 implements MigrationInterface {
  name = 'Audit0002000000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table session
        add column agent_bytes_up bigint,
        add column agent_bytes_down bigint,
        add column counts_differ boolean not null default false;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: it would delete data of records');
  }
}

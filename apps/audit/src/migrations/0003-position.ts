import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds how far the stream of facts is stored, which distinguishes a restored database from one that is up to date. */
export class Audit0003 implements MigrationInterface {
  name = 'Audit0003000000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table stream_position (
        only_one boolean primary key default true constraint stream_position_only_one check (only_one),
        sequence bigint not null
      );
      insert into stream_position (sequence) values (0);
      grant select, update on stream_position to sluice_audit;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: the position in the stream would be lost');
  }
}

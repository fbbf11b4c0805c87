import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the stream of facts is stored here: tells a database that was restored from one that is up to date. */
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
    throw new Error('what is known of the stream is not forgotten');
  }
}

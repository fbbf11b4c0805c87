import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets the overview find what was wrong with facts within a day. */
export class Audit0016 implements MigrationInterface {
  name = 'Audit00169000000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index integrity_by_time on integrity (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index integrity_by_time');
  }
}

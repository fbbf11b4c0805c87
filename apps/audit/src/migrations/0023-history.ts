import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets the service see which migrations have run, so that it does not start on the schema of an older release. */
export class Audit0023 implements MigrationInterface {
  name = 'Audit00239000000000023'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('grant select on migration to sluice_audit');
  }

  down(): Promise<void> {
    throw new Error('an earlier release works with this permission too');
  }
}

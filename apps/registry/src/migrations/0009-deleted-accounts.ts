import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When an account was deleted: relays and gateways must know it until the last of its certificates has expired, and no longer. */
export class Registry0009 implements MigrationInterface {
  name = 'Registry0009000000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table account add column deleted_at timestamptz;
      update account set deleted_at = now() where status = 'deleted';
    `);
  }

  async down(): Promise<void> {
    throw new Error('an earlier release works with this column too');
  }
}

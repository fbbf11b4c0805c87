import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How the relays of its cluster check a resource. */
export class Registry0012 implements MigrationInterface {
  name = 'Registry00129000000000012'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table resource
        add column check_mode text not null default 'connect'
          constraint resource_check_mode_known check (check_mode in ('off', 'connect', 'greeting'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('an earlier release works with this column too');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Facts about a session that another author began are quarantined as `foreign`. */
export class Audit0009 implements MigrationInterface {
  name = 'Audit0009000000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table quarantine
        drop constraint quarantine_kind_known,
        add constraint quarantine_kind_known check (kind in ('quarantined', 'conflict', 'foreign'));
      alter table integrity
        drop constraint integrity_kind_known,
        add constraint integrity_kind_known check (kind in ('quarantined', 'conflict', 'foreign', 'gap', 'late', 'unopened', 'flood'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: there may be quarantined facts of this kind');
  }
}

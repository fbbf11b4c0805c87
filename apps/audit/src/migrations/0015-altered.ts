import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Facts that do not have the hash that the next one says are reported as `altered`. */
export class Audit0015 implements MigrationInterface {
  name = 'Audit00159000000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table integrity
        drop constraint integrity_kind_known,
        add constraint integrity_kind_known
          check (kind in ('quarantined', 'conflict', 'foreign', 'altered', 'gap', 'late', 'unopened', 'flood'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: there may be findings of this kind');
  }
}

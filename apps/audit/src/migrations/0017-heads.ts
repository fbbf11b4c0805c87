import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Signed heads are checked as they are stored.
 *
 *   head_to_check   heads that were stored and not checked yet; those that were stored by earlier releases are not checked here, but
 *                   by whoever verifies an export
 *   chain           is signed up to the number `signed_through`, since `signed_at` by its author's clock
 */
export class Audit0017 implements MigrationInterface {
  name = 'Audit00179000000000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table head_to_check (
        author text,
        incarnation text,
        number bigint,
        constraint head_to_check_once primary key (author, incarnation, number)
      );
      grant select, insert, update, delete on head_to_check to sluice_audit;

      alter table chain
        add column signed_through bigint,
        add column signed_at timestamptz;

      alter table integrity
        drop constraint integrity_kind_known,
        add constraint integrity_kind_known
          check (kind in ('quarantined', 'conflict', 'foreign', 'altered', 'unproven', 'gap', 'late', 'unopened', 'flood'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: there may be findings of this kind');
  }
}

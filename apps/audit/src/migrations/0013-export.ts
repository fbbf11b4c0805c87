import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets an export find the facts of a time, and the reason why no record was made of a fact. */
export class Audit0013 implements MigrationInterface {
  name = 'Audit00139000000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index fact_by_receipt on fact using brin (received_at);
      create index quarantine_of_fact on quarantine (author, fact_id) where fact_id is not null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index fact_by_receipt; drop index quarantine_of_fact;');
  }
}

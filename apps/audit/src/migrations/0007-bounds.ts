import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Limits how many rows one author can cause.
 *
 *   integrity   after the first finding, all `findings` of one author, kind and minute share one row, with the first and last
 *   chain       `begun_at` limits how many an author begins within an hour; `highest` lets an index find the few with a gap
 */
export class Audit0007 implements MigrationInterface {
  name = 'Audit0007000000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table integrity
        add column findings bigint not null default 1,
        add column last jsonb,
        add column due_at timestamptz not null default now();
      update integrity set due_at = at;
      drop index integrity_unpublished;
      create index integrity_unpublished on integrity (due_at) where published_at is null;
      grant update (findings, last) on integrity to sluice_audit;

      alter table chain
        add column begun_at timestamptz not null default now(),
        add column highest bigint not null default 0;
      update chain c set begun_at = coalesce(c.started_at, 'epoch'), highest = greatest(c.through, coalesce((
        select max(f.number) from fact f where f.author = c.author and f.incarnation = c.incarnation), 0));
      create index chain_by_beginning on chain (author, begun_at);
      create index chain_with_gap on chain (author, incarnation) where highest > through;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: counted findings would be lost');
  }
}

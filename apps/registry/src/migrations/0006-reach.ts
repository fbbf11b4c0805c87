import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The outbox row of a change that somebody waits for stays for a while after it was published, so that its reach can be read.
 *
 *   not published ──► published, with its revision in each bucket ──► removed a minute later
 */
export class Registry0006 implements MigrationInterface {
  name = 'Registry0006000000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table outbox
        add column awaited boolean not null default false,
        add column published_at timestamptz,
        add column revisions jsonb;
      create index outbox_unpublished on outbox (id) where published_at is null;

      grant delete on restore to sluice_registry;

      -- how many reports beyond the budget of their account were counted here instead of being stored
      alter table attempt add column dropped integer not null default 0;
      -- reports that were counted in the row of another one, so that the same report counts only once
      create table attempt_repeat (
        account_id uuid not null,
        request_id uuid not null,
        attempt integer not null,
        counted_in uuid not null references attempt (id) on delete cascade,
        received_at timestamptz not null default now(),
        primary key (account_id, request_id, attempt)
      );
      create index attempt_repeat_of on attempt_repeat (counted_in);
      create index attempt_repeat_by_age on attempt_repeat (received_at);
      grant select, insert, update, delete on attempt_repeat to sluice_registry;

      -- for lists and look-ups of accounts and nodes that are not deleted
      create index account_by_email on account (lower(email), id) where status <> 'deleted';
      create index node_by_name on node (lower(name), id) where deleted_at is null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: changes that were not published would be lost');
  }
}

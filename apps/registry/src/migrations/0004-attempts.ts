import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Attempts that no relay answered, as reported by agents. A row stays for a day after its fact was published, to recognize repeated reports. */
export class Registry0004 implements MigrationInterface {
  name = 'Registry0004000000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table attempt (
        id uuid primary key default gen_random_uuid(),
        account_id uuid not null,
        account_email text not null,
        request_id uuid not null,
        attempt integer not null,
        resource_id uuid not null,
        resource_name text not null,
        reason text not null constraint attempt_reason_known check (reason in ('no relay', 'link lost')),
        message text not null,
        agent_started_at timestamptz not null,
        received_at timestamptz not null default now(),
        due_at timestamptz not null,
        repeats integer not null default 1,
        published_at timestamptz,
        constraint attempt_reported_once unique (account_id, request_id, attempt)
      );
      create index attempt_of_account on attempt (account_id, received_at);
      create index attempt_unpublished on attempt (due_at) where published_at is null;
      create index attempt_published on attempt (published_at);
      grant select, insert, update, delete on attempt to sluice_registry;

      create index idempotency_by_age on idempotency (created_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: attempts that were not published would be lost');
  }
}

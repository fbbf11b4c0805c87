import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tables for signing in.
 *
 *   sign_in_limit   counters of rate-limiter-flexible, shared by all registries
 *   known_address   addresses from which an account has signed in, and which guesses from elsewhere do not slow down
 *   reset_code      hashed one-time codes, with which a new password can be set
 *   refusal         failed sign-ins and denied calls of the present minute, until they become activities
 */
export class Registry0005 implements MigrationInterface {
  name = 'Registry0005000000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table sign_in_limit (
        key varchar(255) primary key,
        points integer not null default 0,
        expire bigint
      );
      create index sign_in_limit_by_expiry on sign_in_limit (expire);

      create table known_address (
        account_id uuid not null references account (id),
        address text not null,
        last_at timestamptz not null default now(),
        primary key (account_id, address)
      );

      create table reset_code (
        account_id uuid primary key references account (id),
        code_hash text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null
      );

      create table refusal (
        minute timestamptz not null,
        kind text not null constraint refusal_kind_known check (kind in ('login failed', 'login limited', 'call denied')),
        account_id uuid,
        account_email text not null default '',
        address text not null,
        operation text not null default '',
        count integer not null default 1,
        constraint refusal_counted_once unique nulls not distinct (minute, kind, account_id, address, operation)
      );

      alter table login add column address text;
      alter table login add column last_used_at timestamptz;
      alter table login add column last_used_address text;

      -- null after a reset, until a new one is set
      alter table account alter column password_hash drop not null;

      grant select, insert, update, delete on sign_in_limit, known_address, reset_code, refusal to sluice_registry;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: accounts whose password was reset have none');
  }
}

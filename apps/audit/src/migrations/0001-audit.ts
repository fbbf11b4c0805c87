import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit service's tables.
 *
 *   fact        every fact with the bytes that were received; rows are only added
 *   chain       per incarnation of a relay: all numbers up to `through` are in `fact`
 *   session     one row per session or attempt, combined from its facts in whatever order they arrive
 *   set_aside   messages that could not be accepted as facts, with the reason; later renamed to `quarantine`
 *
 *   live ──► final        each change of a session row raises its revision; a final row never becomes live again
 */
export class Audit0001 implements MigrationInterface {
  name = 'Audit0001000000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table fact (
        id text primary key,
        subject text not null,
        node text,
        incarnation text,
        number bigint,
        bytes bytea not null,
        received_at timestamptz not null default now(),
        constraint fact_number_once unique (incarnation, number)
      );

      create table chain (
        incarnation text primary key,
        node text not null,
        through bigint not null default 0
      );

      create table session (
        id uuid primary key,
        revision integer not null default 1,
        state text not null constraint session_state_known check (state in ('live', 'final')),
        request_id uuid,
        attempt integer,
        account_id text,
        account_email text,
        resource_id text,
        resource_name text,
        resource_tags jsonb,
        relay_id text,
        relay_name text,
        gateway text,
        client_address text,
        dialled_address text,
        rule text,
        shared_listener boolean,
        source text not null default 'relay' constraint session_source_known check (source in ('relay', 'agent')),
        started_at timestamptz,
        ended_at timestamptz,
        duration_ms double precision,
        bytes_up bigint,
        bytes_down bigint,
        exactness text constraint session_exactness_known check (exactness in ('exact', 'at most', 'at least')),
        outcome text constraint session_outcome_known check (outcome in ('refused', 'failed', 'completed')),
        end_reason text,
        message text,
        ended_by jsonb,
        revocation_ms double precision,
        repeats integer not null default 1
      );
      create index session_newest on session (started_at desc, id desc);
      create index session_by_account on session (account_id, started_at desc);
      create index session_by_resource on session (resource_id, started_at desc);
      create index session_live on session (started_at desc) where state = 'live';

      create table set_aside (
        id bigint generated always as identity primary key,
        subject text not null,
        reason text not null,
        bytes bytea not null,
        received_at timestamptz not null default now()
      );

      grant usage on schema audit to sluice_audit;
      grant select, insert on fact, set_aside to sluice_audit;
      grant select, insert, update on chain, session to sluice_audit;
    `);
  }

  async down(): Promise<void> {
    throw new Error('the first migration cannot be reverted: drop the schema instead');
  }
}

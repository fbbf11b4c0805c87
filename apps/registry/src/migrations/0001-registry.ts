import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The registry's tables.
 *
 *   account ──< login                 who may sign in, and who has signed in
 *      │
 *      └──< role_account >── role ──< role_resource >── resource >── proxy_cluster ──< node
 *
 *   outbox     names what changed in the policy; a row is removed when the change is published
 *   activity   who changed what, with the values before and after; each row is published once
 */
export class Registry0001 implements MigrationInterface {
  name = 'Registry0001000000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table organization (
        id uuid primary key,
        only_one boolean not null default true constraint organization_only_one unique check (only_one),
        loopback_range text not null default '127.0.0.1',
        policy_revision bigint not null default 0,
        ca_certificate text not null,
        ca_key_sealed text not null
      );

      create table account (
        id uuid primary key,
        version integer not null default 1,
        email text not null,
        api_role text not null constraint account_api_role_known check (api_role in ('administrator', 'auditor', 'user')),
        password_hash text not null,
        status text not null default 'active' constraint account_status_known check (status in ('active', 'suspended', 'deleted')),
        created_at timestamptz not null default now()
      );
      create unique index account_email_unique on account (lower(email)) where status <> 'deleted';

      create table login (
        id uuid primary key,
        account_id uuid not null references account (id),
        token_hash text not null constraint login_token_unique unique,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        ended_at timestamptz
      );
      create index login_by_account on login (account_id);

      create table proxy_cluster (
        id text primary key,
        name text not null
      );
      insert into proxy_cluster (id, name) values ('default', 'None (use gateways)');

      create table node (
        id uuid primary key,
        version integer not null default 1,
        kind text not null constraint node_kind_known check (kind in ('gateway', 'relay')),
        name text not null,
        cluster_id text references proxy_cluster (id),
        address text,
        public_key text not null,
        enrolled_at timestamptz not null default now(),
        deleted_at timestamptz
      );
      create unique index node_name_unique on node (lower(name)) where deleted_at is null;

      create table enrolment_token (
        id uuid primary key,
        secret_hash text not null constraint enrolment_token_secret_unique unique,
        name text not null,
        cluster_id text not null references proxy_cluster (id),
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        used_at timestamptz
      );

      create table resource (
        id uuid primary key,
        version integer not null default 1,
        name text not null,
        name_key text not null constraint resource_name_unique unique,
        cluster_id text not null references proxy_cluster (id),
        hostname text not null,
        port integer not null constraint resource_port_range check (port between 1 and 65535),
        connectivity_mode text not null constraint resource_connectivity_mode_known check (connectivity_mode in ('loopback', 'virtual-network')),
        bind_address text not null,
        port_override integer not null constraint resource_port_override_range check (port_override between 1 and 65535),
        dns text,
        tags jsonb not null default '{}',
        created_at timestamptz not null default now(),
        constraint resource_bind_unique unique (bind_address, port_override)
      );

      create table role (
        id uuid primary key,
        version integer not null default 1,
        name text not null,
        name_key text not null constraint role_name_unique unique
      );
      create table role_resource (
        role_id uuid not null references role (id) on delete cascade,
        resource_id uuid not null references resource (id) on delete cascade,
        primary key (role_id, resource_id)
      );
      create index role_resource_by_resource on role_resource (resource_id);
      create table role_account (
        role_id uuid not null references role (id) on delete cascade,
        account_id uuid not null references account (id),
        primary key (role_id, account_id)
      );
      create index role_account_by_account on role_account (account_id);

      create table outbox (
        id bigint generated always as identity primary key,
        kind text not null constraint outbox_kind_known check (kind in ('revoked', 'resource', 'account', 'role', 'gateway')),
        object_id text not null,
        changed_at timestamptz not null default clock_timestamp()
      );

      create table activity (
        id uuid primary key,
        at timestamptz not null default clock_timestamp(),
        actor_id text not null,
        actor_email text not null,
        request_id text not null,
        verb text not null,
        object_kind text not null,
        object_id text not null,
        object_name text,
        before jsonb,
        after jsonb,
        published_at timestamptz
      );
      create index activity_newest on activity (at desc, id desc);
      create index activity_unpublished on activity (at) where published_at is null;

      create table idempotency (
        account_id text not null,
        operation text not null,
        key text not null,
        request_hash text not null,
        result_sealed text not null,
        created_at timestamptz not null default now(),
        primary key (account_id, operation, key)
      );

      create function tell_of_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify('registry_changed', tg_table_name);
        return null;
      end $$;
      create trigger outbox_tells after insert on outbox for each statement execute function tell_of_change();
      create trigger activity_tells after insert on activity for each statement execute function tell_of_change();

      grant usage on schema registry to sluice_registry;
      grant select, insert, update, delete on all tables in schema registry to sluice_registry;
      revoke all on migration from sluice_registry;
      revoke update, delete on activity from sluice_registry;
      grant update (published_at) on activity to sluice_registry;
    `);
  }

  async down(): Promise<void> {
    throw new Error('the first migration cannot be reverted: drop the schema instead');
  }
}

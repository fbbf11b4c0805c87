import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Proxy clusters with their keys; a separate gateway address for relays; unique DNS names of resources.
 *
 *   proxy_cluster ──< cluster_key ──< node       a worker that enrolled with a key; it is deleted when it stays offline
 */
export class Registry0003 implements MigrationInterface {
  name = 'Registry0003000000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table proxy_cluster
        add column version integer not null default 1,
        add column name_key text,
        add column created_at timestamptz not null default now();
      update proxy_cluster set name_key = lower(name);
      alter table proxy_cluster
        alter column name_key set not null,
        add constraint proxy_cluster_name_unique unique (name_key);

      create table cluster_key (
        id uuid primary key,
        cluster_id text not null references proxy_cluster (id) on delete cascade,
        secret_hash text not null constraint cluster_key_secret_unique unique,
        created_at timestamptz not null default now(),
        created_by text not null,
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      grant select, insert, update, delete on cluster_key to sluice_registry;

      alter table node
        add column last_seen_at timestamptz,
        add column relay_address text,
        add column cluster_key_id uuid references cluster_key (id) on delete set null;
      alter table enrolment_token
        drop constraint enrolment_token_cluster_id_fkey,
        add constraint enrolment_token_cluster_id_fkey foreign key (cluster_id) references proxy_cluster (id) on delete cascade;
      alter table node
        drop constraint node_cluster_id_fkey,
        add constraint node_cluster_id_fkey foreign key (cluster_id) references proxy_cluster (id) on delete set null;

      alter table organization drop column loopback_range; -- could not be changed yet; it is one of the settings now
      create unique index resource_dns_unique on resource (lower(dns)) where dns is not null;

      -- a restored database does not know what was issued after the backup was made
      alter table organization add column alive_at timestamptz;
      create table restore (id uuid primary key, from_at timestamptz not null, until_at timestamptz not null);
      grant select, insert on restore to sluice_registry;

      alter table outbox
        drop constraint outbox_kind_known,
        add constraint outbox_kind_known check (kind in ('revoked', 'settings', 'cluster', 'resource', 'account', 'role', 'gateway'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: clusters and their keys would be lost');
  }
}

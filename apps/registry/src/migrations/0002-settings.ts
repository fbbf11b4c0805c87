import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Settings of sessions: the organization's, and those of a resource that override them. Defaults are not stored. */
export class Registry0002 implements MigrationInterface {
  name = 'Registry0002000000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table organization
        add column settings jsonb not null default '{}',
        add column settings_version integer not null default 1;
      alter table resource
        add column settings jsonb not null default '{}',
        add column proxy_protocol boolean not null default false;
      alter table outbox
        drop constraint outbox_kind_known,
        add constraint outbox_kind_known check (kind in ('revoked', 'settings', 'resource', 'account', 'role', 'gateway'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: settings would be lost');
  }
}

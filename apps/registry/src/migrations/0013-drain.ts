import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A node can be taken out of service and put back:
 *
 *   in service ──► draining, with a deadline or without ──► in service
 *
 * A worker that said goodbye leaves the list at once, whichever instance of the registry is asked.
 */
export class Registry0013 implements MigrationInterface {
  name = 'Registry00139000000000013'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table node
        add column draining_since timestamptz,
        add column drain_deadline timestamptz,
        add column left_at timestamptz,
        add constraint node_deadline_of_drain check (drain_deadline is null or draining_since is not null);
      alter table outbox
        drop constraint outbox_kind_known,
        add constraint outbox_kind_known
          check (kind in ('revoked', 'settings', 'cluster', 'resource', 'account', 'role', 'gateway', 'drain'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('an earlier release works with these columns too');
  }
}

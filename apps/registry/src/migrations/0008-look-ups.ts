import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes for look-ups and lists that would otherwise read a whole table. */
export class Registry0008 implements MigrationInterface {
  name = 'Registry0008000000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index resource_of_cluster on resource (cluster_id);
      create index node_of_cluster on node (cluster_id) where deleted_at is null;
      create index cluster_key_newest on cluster_key (created_at desc, id desc);
      create index cluster_key_newest_of_cluster on cluster_key (cluster_id, created_at desc, id desc);
      create index login_newest on login (account_id, created_at desc, id desc);
      drop index login_by_account;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration need not be reverted: an earlier release works with these indexes too');
  }
}

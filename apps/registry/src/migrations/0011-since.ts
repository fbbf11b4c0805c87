import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Since when a role has its members: `since` of what was added before this migration is that of the newest activity that
 * added it, and null where there is none.
 */
export class Registry0011 implements MigrationInterface {
  name = 'Registry00119000000000011';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column, verb, field] of [
      ['role_account', 'account_id', 'assigned', 'users'],
      ['role_resource', 'resource_id', 'granted', 'servers'],
    ]) {
      // activities of the first releases have no member: it is the one item that was added to the list
      await runner.query(`
        alter table ${table} add column since timestamptz;
        update ${table} r set since = added.at
          from (select object_id, coalesce(member_id, after->'${field}'->'added'->0->>'id') as member_id, max(at) as at from activity
                 where object_kind = 'role' and verb = '${verb}' group by 1, 2) added
         where added.object_id = r.role_id::text and added.member_id = r.${column}::text;
        alter table ${table} alter column since set default now();
      `);
    }
  }

  async down(): Promise<void> {
    throw new Error('this migration need not be reverted: an earlier release works with these columns too');
  }
}

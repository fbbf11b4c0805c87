import { MIN_RETENTION_DAYS } from '@sluice/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Activities whose facts the audit service has dropped are dropped too. The service's role can do so with old ones alone, and while the
 * settings limit how long activities are kept.
 */
export class Registry0018 implements MigrationInterface {
  name = 'Registry00189000000000018'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function drop_activities(ids uuid[]) returns setof uuid language plpgsql security definer
        set search_path = registry, pg_temp as $$
      begin
        if not exists (select from organization where (settings ->> 'activityRetentionDays')::integer > 0) then
          return;
        end if;
        delete from activity a
         where a.id = any(ids) and a.published_at is not null and a.at < now() - interval '${MIN_RETENTION_DAYS} days';
        return query select id from unnest(ids) id where not exists (select from activity a where a.id = id);
      end $$;
      revoke all on function drop_activities from public;
      grant execute on function drop_activities to sluice_registry;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function drop_activities');
  }
}

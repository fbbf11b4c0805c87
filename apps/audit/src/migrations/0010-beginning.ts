import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A session begins once: `begun_number` is the number, in the record's incarnation, of the fact that says how. */
export class Audit0010 implements MigrationInterface {
  name = 'Audit00109000000000010'; // TypeORM orders migrations by the last 13 digits, and those of the ninth are 9000000000009

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table session add column begun_number bigint;

      create or replace function keep_final_record() returns trigger language plpgsql as $$
      begin
        if new.revision < old.revision or exists (
          select 1 from jsonb_each(to_jsonb(old)) was
           where was.key <> 'revision' and was.value is distinct from to_jsonb(new) -> was.key
             and not (old.started_at is null and was.value = 'null'::jsonb and was.key in (
               'request_id', 'attempt', 'account_id', 'account_email', 'resource_id', 'resource_name', 'resource_tags', 'relay_name',
               'gateway', 'client_address', 'dialled_address', 'rule', 'shared_listener', 'started_at', 'ended_at', 'incarnation',
               'begun_number'))
        ) then
          raise exception 'the record of session % is final', old.id using errcode = 'P0001';
        end if;
        return new;
      end $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: it would delete data of records');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Presumptions follow from the order of receipt and from the service's own clock, not from clocks that others can set.
 *
 *   stream_position   `receipts`: how many facts have been received; `age_seconds`: how old the service is. The age follows the
 *                     database's clock in steps of at most a minute, so that a jump of that clock makes nothing final
 *   chain             receipt numbers of its first and last new fact, which order the journals of a relay
 *   session           `presumed_age`: the service's age when the end was presumed; `seen_age`: its age when a checkpoint
 *                     arrived before the `opened`. A record whose `opened` never arrives is presumed ended too
 */
export class Audit0006 implements MigrationInterface {
  name = 'Audit0006000000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table stream_position
        add column receipts bigint not null default 0,
        add column age_seconds double precision not null default 0,
        add column aged_at timestamptz not null default now();

      alter table chain
        add column first_receipt bigint not null default 0,
        add column last_receipt bigint not null default 0;
      create index chain_by_receipt on chain (author, first_receipt);

      alter table session
        add column presumed_age double precision,
        add column seen_age double precision;
      update session set presumed_age = - extract(epoch from now() - presumed_at) where state = 'presumed ended';
      update session set seen_age = 0 where state = 'live' and started_at is null;
      drop index session_not_final;
      create index session_live_by_journal on session (relay_id, (coalesce(incarnation, '')), started_at) where state = 'live';
      create index session_presumed on session (presumed_age) where state = 'presumed ended';
      create index session_unopened on session (relay_id, seen_age) where state = 'live' and started_at is null;

      create or replace function keep_final_record() returns trigger language plpgsql as $$
      begin
        if new.revision < old.revision or exists (
          select 1 from jsonb_each(to_jsonb(old)) was
           where was.key <> 'revision' and was.value is distinct from to_jsonb(new) -> was.key
             and not (old.started_at is null and was.value = 'null'::jsonb and was.key in (
               'request_id', 'attempt', 'account_id', 'account_email', 'resource_id', 'resource_name', 'resource_tags', 'relay_name',
               'gateway', 'client_address', 'dialled_address', 'rule', 'shared_listener', 'started_at', 'ended_at', 'incarnation'))
        ) then
          raise exception 'the record of session % is final', old.id using errcode = 'P0001';
        end if;
        return new;
      end $$;

      alter table integrity
        drop constraint integrity_kind_known,
        add constraint integrity_kind_known check (kind in ('quarantined', 'conflict', 'gap', 'late', 'unopened'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: the order in which facts were received would be lost');
  }
}

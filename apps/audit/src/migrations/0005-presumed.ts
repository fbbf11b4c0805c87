import { RECORD_MOVES, RECORD_STATES } from '@sluice/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const text = (value: string): string => `'${value}'`;
const states = RECORD_STATES.map(text).join(', ');
const moves = RECORD_MOVES.map(([from, to]) => `(${text(from)}, ${text(to)})`).join(', ');

/**
 * Sessions whose relay was lost are presumed ended, and facts that arrive after their gap was reported are noted as late.
 *
 *   live ──► presumed ended ──► final      no other move: `session_moves_on`
 *
 *   session     `incarnation` of the journal that contains it; `presumed_at` stays on a record whose end was never reported
 *   chain       `started_at`: when the incarnation began, according to its first fact
 *   gap         numbers that were reported missing, and when the last of them had arrived after all
 */
export class Audit0005 implements MigrationInterface {
  name = 'Audit0005000000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table session
        drop constraint session_state_known,
        add constraint session_state_known check (state in (${states})),
        add column incarnation text,
        add column presumed_at timestamptz,
        add constraint session_presumed_at_known check (state <> 'presumed ended' or presumed_at is not null);
      create index session_not_final on session (relay_id, started_at) where state <> 'final';

      create function refuse_move() returns trigger language plpgsql as $$
      begin
        raise exception 'the record of session % cannot go from % to %', old.id, old.state, new.state using errcode = 'P0001';
      end $$;
      create trigger session_moves_on before update on session for each row
        when (old.state <> new.state and (old.state, new.state) not in (${moves})) execute function refuse_move();

      create or replace function keep_final_record() returns trigger language plpgsql as $$
      begin
        if new.revision < old.revision or exists (
          select 1 from jsonb_each(to_jsonb(old)) was
           where was.key <> 'revision' and was.value is distinct from to_jsonb(new) -> was.key
             and not (old.started_at is null and was.value = 'null'::jsonb and was.key in (
               'request_id', 'attempt', 'account_id', 'account_email', 'resource_id', 'resource_name', 'resource_tags', 'relay_name',
               'gateway', 'client_address', 'dialled_address', 'rule', 'shared_listener', 'started_at', 'incarnation'))
        ) then
          raise exception 'the record of session % is final', old.id using errcode = 'P0001';
        end if;
        return new;
      end $$;

      alter table chain add column started_at timestamptz;
      update chain c set started_at = f.received_at from fact f
        where f.author = c.author and f.incarnation = c.incarnation and f.number = 1 and f.subject like 'audit.v1.relay.started.%';
      create index chain_by_start on chain (author, started_at);

      alter table integrity
        drop constraint integrity_kind_known,
        add constraint integrity_kind_known check (kind in ('quarantined', 'conflict', 'gap', 'late'));

      create table gap (
        author text not null,
        incarnation text not null,
        first_number bigint not null,
        last_number bigint not null,
        missing bigint not null constraint gap_missing_counted check (missing between 0 and last_number - first_number + 1),
        reported_at timestamptz not null default now(),
        filled_at timestamptz,
        constraint gap_once primary key (author, incarnation, first_number)
      );
      insert into gap (author, incarnation, first_number, last_number, missing)
        select author, incarnation, first_number, last_number, last_number - first_number + 1 - (
            select count(*) from fact f
             where f.author = g.author and f.incarnation = g.incarnation and f.number between first_number and last_number)
          from (select author, detail ->> 'incarnation' as incarnation, (detail ->> 'from')::bigint as first_number,
                       (detail ->> 'to')::bigint as last_number from integrity where kind = 'gap') g;
      grant select, insert, update (missing, filled_at) on gap to sluice_audit;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: records that were presumed ended cannot become live again');
  }
}

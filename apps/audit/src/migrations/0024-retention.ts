import { MIN_RETENTION_DAYS } from '@sluice/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RETENTION_LOCK } from '../retention/retention-lock.js';
import { DELAY_SECONDS } from '../retention/settle-retention.js';

const FLOOR = `interval '${MIN_RETENTION_DAYS} days'`;
/** A time that the clock may have shown twice, as late as it can have been. `p` is the row of `service_clock`. */
const surelyAfter = (at: string): string =>
  `greatest(${at}, case when ${at} >= p.behind_from and ${at} < p.behind_to then p.behind_until end)`;

/**
 * Old evidence is dropped, from the beginning of each chain. The service's role cannot delete evidence by itself, but only through
 * `drop_evidence`, which keeps what is recent, what is held, and what a record that is kept follows from.
 *
 *   stream_position    `base_at`: when the service's age was 0. The age and this give a time that is never ahead of the database's clock
 *                      and that no jump of that clock takes far: `service_clock.now`. `behind_from`, `behind_to`: between these times the
 *                      database's clock has been a second time, because it was put back; `behind_age`: the age when that was over.
 *                      What carries such a time may be as young as that: `service_clock.behind_until`
 *   session            `settled_at`: when the record was stored or, if that was later, became final
 *                      `relay_id`, once set, stays: whose record it is decides in whose chains its facts are
 *   chain              `dropped`: the signed statement about what was dropped; other columns show its numbers. `looked_age`: the
 *                      service's age when nothing of it could be dropped
 *   retention          how many days evidence of a kind is kept, and since when (the service's age) the settings say another number
 *   hold               legal holds. One is released by `release_hold` alone, and holds for another day: `active_hold`
 *   dropped_activity   ids of activities whose facts were dropped, until the registry has dropped them too
 */
export class Audit0024 implements MigrationInterface {
  name = 'Audit00249000000000024'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table stream_position
        add column base_at timestamptz,
        add column behind_from timestamptz,
        add column behind_to timestamptz,
        add column behind_age double precision;
      update stream_position set base_at = now() - make_interval(secs => age_seconds);
      alter table stream_position alter column base_at set not null;
      create view service_clock as
        select least(base_at + make_interval(secs => age_seconds), now()) as now, age_seconds,
               behind_from, behind_to, base_at + make_interval(secs => behind_age) as behind_until
          from stream_position;
      grant select on service_clock to sluice_audit;

      alter table session add column settled_at timestamptz not null default now();
      create function settle_session() returns trigger language plpgsql as $$
      begin
        new.settled_at = now();
        return new;
      end $$;
      create function refuse_other_relay() returns trigger language plpgsql as $$
      begin
        raise exception 'the record of session % is of another relay', old.id using errcode = 'P0001';
      end $$;
      create trigger session_stays_with_relay before update on session for each row
        when (old.relay_id is not null and new.relay_id is distinct from old.relay_id) execute function refuse_other_relay();
      create trigger session_settles before update on session for each row
        when (old.state <> 'final' and new.state = 'final') execute function settle_session();

      alter table chain
        add column dropped jsonb,
        add column dropped_through bigint not null generated always as (coalesce((dropped ->> 'through')::bigint, 0)) stored,
        add column dropped_facts bigint not null generated always as (coalesce((dropped ->> 'facts')::bigint, 0)) stored,
        add column dropped_records bigint not null generated always as (coalesce((dropped ->> 'records')::bigint, 0)) stored,
        add column dropped_at timestamptz,
        add column looked_age double precision;

      create table retention (
        kind text constraint retention_once primary key
          constraint retention_kind_known check (kind in ('sessions', 'activities', 'facts')),
        days integer not null default 0,
        asked_days integer not null default 0,
        asked_age double precision not null default 0
      );
      insert into retention (kind) values ('sessions'), ('activities'), ('facts');
      grant select, update on retention to sluice_audit;

      create table hold (
        id uuid constraint hold_once primary key,
        account text,
        resource text,
        since timestamptz,
        until timestamptz,
        reason text not null,
        created_at timestamptz not null default now(),
        created_by text not null,
        released_at timestamptz,
        released_by text,
        released_age double precision
      );
      create index hold_newest on hold (created_at desc, id desc);
      grant select, insert on hold to sluice_audit;
      create view active_hold as
        select h.* from hold h, stream_position p
         where h.released_at is null or h.released_age + ${DELAY_SECONDS} > p.age_seconds
            or h.released_at + make_interval(secs => ${DELAY_SECONDS}) > now();
      grant select on active_hold to sluice_audit;
      create function release_hold(of_id uuid, by text) returns void language sql security definer set search_path = audit, pg_temp as $$
        update hold set released_at = now(), released_by = by, released_age = (select age_seconds from stream_position)
         where id = of_id and released_at is null;
      $$;
      revoke all on function release_hold from public;
      grant execute on function release_hold to sluice_audit;

      create table dropped_activity (
        id uuid constraint dropped_activity_once primary key
      );
      grant select, delete on dropped_activity to sluice_audit;

      -- The records of an author's sessions, and whether each needs its facts up to a number of one of that author's chains. A record goes
      -- with the fact that says how it began, which earlier releases did not note.
      create function records_of(of_author text, of_incarnation text, cut bigint, sessions uuid[], settled_before timestamptz)
        returns table (id uuid, kept boolean) stable begin atomic
        select s.id, s.state <> 'final'
            or at.settled >= least(settled_before, p.now - ${FLOOR})
            or exists (
              select from active_hold h
               where (h.since is null or at.settled >= h.since)
                 and (s.started_at is null or (
                       (h.until is null or s.started_at < h.until + interval '1 day')
                   and (h.account is null or s.account_id = lower(h.account) or lower(s.account_email) = lower(h.account))
                   and (h.resource is null or s.resource_id = lower(h.resource) or lower(s.resource_name) = lower(h.resource)))))
            or case when s.begun_number is not null then s.incarnation is distinct from of_incarnation or s.begun_number > cut
               else exists (
                 select from fact f
                  where f.session_id = s.id and f.author = of_author and (f.incarnation <> of_incarnation or f.number > cut)
                    and f.number is not null and not f.subject ^@ 'audit.v1.session.closed.')
               end
          from service_clock p cross join session s cross join lateral (select ${surelyAfter('s.settled_at')} as settled) at
         where s.id = any(sessions) and coalesce(s.relay_id, 'registry') = of_author;
      end;

      create function drop_evidence(of_author text, of_incarnation text, cut bigint, sessions uuid[], settled_before timestamptz, statement jsonb)
        returns table (facts bigint, records bigint) language plpgsql security definer set search_path = audit, pg_temp as $$
      declare
        dropped_before bigint;
        are_recent boolean;
        are_held boolean;
        gone_ids text[];
      begin
        perform pg_advisory_xact_lock(${RETENTION_LOCK});
        select c.dropped_through into dropped_before from chain c
         where c.author = of_author and c.incarnation = of_incarnation and c.signed_through >= cut and c.dropped_through < cut;
        if dropped_before is null then
          raise exception 'the chain is not signed up to %, or was dropped further', cut using errcode = 'P0001';
        end if;
        if not exists (
          select from fact f where f.author = of_author and f.incarnation = of_incarnation and f.number = cut + 1
             and (f.subject ^@ 'audit.v1.relay.head.' or f.subject ^@ 'audit.v1.service.head.')
        ) then
          raise exception 'what is left would not begin with a head' using errcode = 'P0001';
        end if;
        select bool_or(f.received > p.now - ${FLOOR}),
               bool_or(f.received >= (select min(coalesce(since, '-infinity')) from active_hold)
                 and not f.subject ^@ any(array['audit.v1.session.', 'audit.v1.attempt.', 'audit.v1.relay.']))
          into are_recent, are_held
          from service_clock p cross join lateral (
            select subject, ${surelyAfter('received_at')} as received from fact
             where author = of_author and incarnation = of_incarnation and number <= cut) f;
        if are_recent then
          raise exception 'facts that were received within ${MIN_RETENTION_DAYS} days stay' using errcode = 'P0001';
        end if;
        if are_held then
          raise exception 'these facts are held' using errcode = 'P0001';
        end if;

        select array_agg(named.id) into sessions from (
          select unnest(sessions) as id
          union select f.session_id from fact f where f.author = of_author and f.incarnation = of_incarnation and f.number <= cut
        ) named;
        select array_agg(r.id), bool_or(r.kept) into sessions, are_held
          from records_of(of_author, of_incarnation, cut, sessions, settled_before) r;
        if are_held then
          raise exception 'a record that is kept follows from these facts' using errcode = 'P0001';
        end if;
        if (of_author, of_incarnation, cut::text) is distinct from (statement ->> 'author', statement ->> 'incarnation', statement ->> 'through')
          or exists (
            select from fact f where f.author = of_author and f.incarnation = of_incarnation and (
                 f.number = cut + 1 and convert_from(f.bytes, 'UTF8')::jsonb ->> 'previous' is distinct from statement ->> 'hash'
              or f.number = cut and encode(coalesce(f.digest, sha256(f.bytes)), 'hex') is distinct from statement ->> 'hash'))
        then
          raise exception 'the statement is not of these facts' using errcode = 'P0001';
        end if;
        delete from session s where s.id = any(sessions);
        get diagnostics records = row_count;
        insert into dropped_activity
          select named.id::uuid from (
            select convert_from(f.bytes, 'UTF8')::json -> 'data' ->> 'id' as id from fact f
             where of_author = 'registry' and f.author = of_author and f.incarnation = of_incarnation and f.number <= cut
               and f.subject ^@ 'audit.v1.activity.' and f.bytes is not null) named
           where named.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        on conflict do nothing;
        with gone as (
          delete from fact f
           where f.author = of_author and f.incarnation = of_incarnation and f.number <= cut returning f.id
        ) select array_agg(gone.id), count(*) into gone_ids, facts from gone;
        update chain c set dropped = statement, dropped_at = now(), looked_age = null
         where c.author = of_author and c.incarnation = of_incarnation and c.dropped_through = dropped_before
           and ((statement ->> 'facts')::bigint, (statement ->> 'records')::bigint)
             = (c.dropped_facts + drop_evidence.facts, c.dropped_records + drop_evidence.records);
        if not found then
          raise exception 'the evidence has changed while it was being dropped' using errcode = 'P0001';
        end if;
        delete from fact f where f.session_id = any(sessions) and f.author = of_author and f.number is null;
        delete from quarantine q where q.author = of_author and q.fact_id = any(gone_ids);
        delete from head_to_check h where h.author = of_author and h.incarnation = of_incarnation and h.number <= cut;
        return next;
      end $$;
      revoke all on function drop_evidence from public;
      grant execute on function drop_evidence to sluice_audit;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: holds would be lost, and what says what was dropped');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

const hash = (text: string): string => `hashtextextended(${text}, 0)`;

/** Inserts names that are not known yet. `session` stands for records whose beginning is known. */
const NAMES = (session: string): string => `
  select 'account' as kind, lower(account_email) as name, account_id as id, relay_id from ${session}
   union select 'resource', lower(resource_name), resource_id, relay_id from ${session}
   union select 'relay', lower(relay_name), relay_id, relay_id from ${session}
   union select 'tag', tag.key || '=' || tag.value, tagged.resource_id, tagged.relay_id
     from (select distinct resource_tags, resource_id, relay_id from ${session}) tagged cross join lateral jsonb_each_text(resource_tags) tag`;

/**
 * Lets records be found by every filter, by themselves and together, however many there are.
 *
 *   session            an index for each filter whose values a record has one of. An entry is a hash of the value, because it is a
 *                      third as long as an id or a name, and the time. Values that most records have are in no index: the newest
 *                      records have them. What is rare by its nature, such as very large sessions, has an index of its own
 *   session_name       names and tags as records have them, in lower case except tags, with the id that had them, and who published
 *                      it first. There are as many as there are servers and accounts, not as many as sessions, so that a part of a
 *                      name is looked up here. The database fills it itself, whoever writes a record
 *   session_unnamed    relays of whose records not all names are there, because these were too long or too many: a relay that
 *                      invents names fills no more than its share, and its records are found without them. No more of their
 *                      names are noted, so that a flood of them costs nothing
 *
 * The order of the indexes is `nulls last`, which is not that of `session_newest`, so that PostgreSQL does not read all records
 * by their time in place of those with a value, which it would do wherever it takes a value for frequent.
 */
export class Audit0019 implements MigrationInterface {
  name = 'Audit00199000000000019'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    const newest = 'started_at desc nulls last';
    await runner.query(`
      set local maintenance_work_mem = '256MB';
      drop index session_by_account, session_by_resource, session_by_email, session_by_resource_name;
      create index session_of_account on session (${hash('account_id')}, ${newest}) where started_at is not null;
      create index session_of_resource on session (${hash('resource_id')}, ${newest}) where started_at is not null;
      create index session_of_relay on session (${hash('relay_id')}, ${newest}) where started_at is not null and relay_id is not null;
      create index session_of_gateway on session (${hash('gateway')}, ${newest}) where started_at is not null and gateway is not null;
      create index session_of_rule on session (${hash('lower(rule)')}, ${newest}) where started_at is not null and rule is not null;
      create index session_of_address on session (${hash(`regexp_replace(client_address, ':[0-9]*$', '')`)}, ${newest})
        where started_at is not null and client_address is not null;
      create index session_of_outcome on session (outcome, ${newest}) where started_at is not null and outcome <> 'completed';
      create index session_of_end on session (end_reason, ${newest})
        where started_at is not null and end_reason <> 'client closed' and end_reason <> 'resource closed';
      create index session_large on session (${newest}) where started_at is not null and bytes_up + bytes_down >= 1000000000;
      create index session_long on session (${newest}) where started_at is not null and duration_ms >= 28800000;
      create index session_running on session (${newest}) where started_at is not null and state = 'live';
      drop index session_live;

      create table session_name (
        kind text collate "C" not null constraint session_name_kind_known check (kind in ('account', 'resource', 'relay', 'tag')),
        name text collate "C" not null,
        id text collate "C" not null,
        named_by text not null,
        constraint session_name_once primary key (kind, name, id)
      );
      create index session_name_by_relay on session_name (named_by);
      create table session_unnamed (
        relay_id text constraint session_unnamed_once primary key
      );
      grant select, insert on session_name, session_unnamed to sluice_audit;

      create temporary table known on commit drop as ${NAMES('session')};
      insert into session_name (kind, name, id, named_by)
        select kind, name, id, min(coalesce(relay_id, 'registry')) from known
         where length(name) <= 400 and length(id) <= 100 group by kind, name, id;
      insert into session_unnamed (relay_id)
        select distinct relay_id from known where relay_id is not null and (length(name) > 400 or length(id) > 100);

      create function note_names(begun session[]) returns void language plpgsql set search_path from current as $$
      begin
        with given as (
          select kind, name, id, coalesce(relay_id, 'registry') as relay_id,
                 length(name) <= 400 and length(id) <= 100 as fits
            from (${NAMES('unnest(begun)')}) named where name is not null and id is not null
        ), fresh as (
          select g.*, row_number() over (partition by relay_id) as place from given g
           where not exists (select 1 from session_unnamed u where u.relay_id = g.relay_id)
             and (not fits or not exists (select 1 from session_name n where n.kind = g.kind and n.name = g.name and n.id = g.id))
        ), held as (
          select relay_id, (select count(*) from (select 1 from session_name n where n.named_by = r.relay_id limit 100000) known) as names
            from (select distinct relay_id from fresh where relay_id <> 'registry') r
        ), counted as (
          select f.*, fits and (f.relay_id = 'registry' or place + h.names <= 100000) as added
            from fresh f left join held h on h.relay_id = f.relay_id
        ), named as (
          insert into session_name (kind, name, id, named_by)
            select distinct on (kind, name, id) kind, name, id, relay_id from counted where added order by kind, name, id
          on conflict do nothing
        )
        insert into session_unnamed (relay_id)
          select distinct relay_id from counted where not added and relay_id <> 'registry' order by relay_id on conflict do nothing;
      end $$;

      create function note_names_of_inserted() returns trigger language plpgsql set search_path from current as $$
      begin
        if exists (select from inserted where started_at is not null) then
          perform note_names(array(select inserted::session from inserted where started_at is not null));
        end if;
        return null;
      end $$;
      create trigger session_names_inserted after insert on session referencing new table as inserted
        for each statement execute function note_names_of_inserted();

      create function note_names_of_updated() returns trigger language plpgsql set search_path from current as $$
      begin
        perform note_names(array[new]);
        return null;
      end $$;
      create trigger session_names_updated after update on session for each row
        when (new.started_at is not null and (old.started_at is null
          or (old.account_id, old.account_email, old.resource_id, old.resource_name, old.resource_tags, old.relay_name)
             is distinct from (new.account_id, new.account_email, new.resource_id, new.resource_name, new.resource_tags, new.relay_name)))
        execute function note_names_of_updated();
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration need not be reverted: an earlier release works with these tables too, but more slowly');
  }
}

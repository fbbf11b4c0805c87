import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Makes it cheaper to note names. The service gives them as columns of distinct names instead of whole records, each is looked up
 * in the index however many rows the table had when the statement was planned, and the names of a batch are looked up once: the
 * service notes them before it writes the records, and in that transaction sets `sluice.names_noted`, so that the trigger does not look up
 * the same names again. Whoever does not set it, such as an earlier release or an operator with `psql`, has them noted by the
 * trigger as before; so has every record whose names change.
 */
export class Audit0022 implements MigrationInterface {
  name = 'Audit00229000000000022'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function note_names(kinds text[], names text[], ids text[], authors text[]) returns void language plpgsql
        set search_path from current set enable_seqscan = off as $$
      begin
        with given as materialized (
          select kind, case kind when 'tag' then name else lower(name) end as name, id, coalesce(relay_id, 'registry') as relay_id
            from unnest(kinds, names, ids, authors) as i (kind, name, id, relay_id)
           where name is not null and id is not null
             and not coalesce(relay_id = any(array(select u.relay_id from session_unnamed u where u.relay_id = any(authors))), false)
        ), fresh as (
          select f.*, row_number() over (partition by relay_id) as place, length(name) <= 400 and length(id) <= 100 as fits from (
            select distinct g.* from given g left join lateral (
              select true as noted from session_name n where n.kind = g.kind and n.name = g.name and n.id = g.id limit 1) known on true
             where noted is null) f
        ), held as materialized (
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

      create or replace function note_names(begun session[]) returns void language plpgsql set search_path from current as $$
      begin
        perform note_names(array_agg(kind), array_agg(name), array_agg(id), array_agg(relay_id)) from (
          select 'account' as kind, account_email as name, account_id as id, relay_id from unnest(begun)
           union select 'resource', resource_name, resource_id, relay_id from unnest(begun)
           union select 'relay', relay_name, relay_id, relay_id from unnest(begun)
           union select 'tag', tag.key || '=' || tag.value, tagged.resource_id, tagged.relay_id
             from (select distinct resource_tags, resource_id, relay_id from unnest(begun)) tagged
             cross join lateral jsonb_each_text(resource_tags) tag) named;
      end $$;

      create or replace function note_names_of_inserted() returns trigger language plpgsql set search_path from current as $$
      begin
        if coalesce(current_setting('sluice.names_noted', true), '') <> 'yes'
            and exists (select from inserted where started_at is not null) then
          perform note_names(array(select inserted::session from inserted where started_at is not null));
        end if;
        return null;
      end $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration need not be reverted: an earlier release works with these functions too');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A chain belongs to the proven author of its facts. Facts that cannot become part of a record are quarantined once and reported.
 *
 *   fact         (author, id) and (author, incarnation, number) are unique: no author can take another's numbers
 *   quarantine   facts that could not become part of a record, with the reason, until a retry resolves them
 *   integrity    findings about facts, until they are published
 *   session      a final record may gain values that were not known yet, but known values never change
 */
export class Audit0004 implements MigrationInterface {
  name = 'Audit0004000000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table fact add column author text;
      update fact set author = coalesce(node, case split_part(subject, '.', 3) when 'activity' then 'registry' when 'health' then 'health' else 'unknown' end);
      alter table fact
        alter column author set not null,
        drop column node,
        drop constraint fact_pkey,
        drop constraint if exists fact_number_once,
        add constraint fact_id_once primary key (author, id),
        add constraint fact_number_once unique (author, incarnation, number);

      alter table chain rename column node to author;
      alter table chain drop constraint chain_pkey, add constraint chain_of_author primary key (author, incarnation);

      alter table set_aside rename to quarantine;
      alter table quarantine
        add column author text,
        add column kind text not null default 'quarantined' constraint quarantine_kind_known check (kind in ('quarantined', 'conflict')),
        add column digest bytea,
        add column resolved_at timestamptz;
      update quarantine set digest = sha256(bytes);
      delete from quarantine q using quarantine earlier
        where earlier.subject = q.subject and earlier.digest = q.digest and earlier.id < q.id;
      alter table quarantine
        alter column digest set not null,
        add constraint quarantine_once unique (subject, kind, digest);
      grant update (resolved_at) on quarantine to sluice_audit;

      create table integrity (
        id uuid primary key default gen_random_uuid(),
        kind text not null constraint integrity_kind_known check (kind in ('quarantined', 'conflict', 'gap')),
        author text not null,
        what text not null,
        detail jsonb not null,
        at timestamptz not null default now(),
        published_at timestamptz,
        constraint integrity_once unique (kind, author, what)
      );
      create index integrity_unpublished on integrity (at) where published_at is null;
      grant select, insert on integrity to sluice_audit;
      grant update (published_at) on integrity to sluice_audit;

      create index session_by_email on session (lower(account_email), started_at desc);
      create index session_by_resource_name on session (lower(resource_name), started_at desc);

      create function keep_final_record() returns trigger language plpgsql as $$
      begin
        if exists (
          select 1 from jsonb_each(to_jsonb(old)) was
           where was.key <> 'revision' and was.value <> 'null'::jsonb and was.value is distinct from to_jsonb(new) -> was.key
        ) then
          raise exception 'the record of session % is final', old.id using errcode = 'P0001';
        end if;
        return new;
      end $$;
      create trigger session_final_stays before update on session for each row when (old.state = 'final')
        execute function keep_final_record();
    `);
  }

  async down(): Promise<void> {
    throw new Error('this migration cannot be reverted: evidence about facts would be lost');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The organization's certificate authority can be rotated:
 *
 *   next ──► current ──► former ──► retired        at most one of each of the first three
 *
 * Only the next and the current one have a key: that of a former one is deleted when it stops signing. Of nodes and logins it is
 * kept which authorities came with their last certificate, the one that signed it first, and of secrets for enrolment which one
 * they pin.
 */
export class Registry0019 implements MigrationInterface {
  name = 'Registry00199000000000019'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table authority (
        fingerprint       text primary key,
        number            int  not null constraint authority_number_unique unique,
        state             text not null constraint authority_state_known check (state in ('next', 'current', 'former', 'retired')),
        certificate       text not null,
        key_sealed        text,
        endorses_next     text,
        endorses_previous text,
        prepared_at       timestamptz not null default now(),
        switched_at       timestamptz,
        accepted_until    timestamptz,
        retired_at        timestamptz,
        constraint authority_signs_with_a_key check ((state in ('next', 'current')) = (key_sealed is not null)),
        constraint authority_is_accepted_until_a_time check ((state in ('former', 'retired')) = (accepted_until is not null)),
        constraint authority_is_retired_at_a_time check ((state = 'retired') = (retired_at is not null))
      );
      create unique index authority_one_in_each_state on authority (state) where state <> 'retired';
      grant select, insert, update on authority to sluice_registry;
      insert into authority (fingerprint, number, state, certificate, key_sealed)
        select encode(sha256(decode(regexp_replace(ca_certificate, '-----[^-]+-----|\\s', '', 'g'), 'base64')), 'hex'),
               1, 'current', ca_certificate, ca_key_sealed
          from organization;
      alter table node
        add column authorities text[],
        add column certified_until timestamptz;
      update node set certified_until = now() + interval '1 day';
      alter table login
        add column authorities text[],
        add column certified_until timestamptz,
        add column agent_seen_at timestamptz;
      alter table enrolment_token add column authority text;
      alter table cluster_key add column authority text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('an earlier release works with these columns too');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What people who are new to it met.
 *
 *   activity.member_*   the user or server that a role was given or got; activities are found by it, by actor and by object
 *   released_place      where a server was found until it was deleted or moved: given to another one only after a while,
 *                       so that a client which still dials it does not reach another server
 *   reset_code.used_at  a one-time code that was used is kept, so that a second use can be refused with that reason
 */
export class Registry0010 implements MigrationInterface {
  name = 'Registry00109000000000010'; // TypeORM orders migrations by the last 13 digits, and those of the ninth are 9000000000009

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table activity
        add column member_kind text,
        add column member_id text,
        add column member_name text;
      create index activity_by_actor on activity (actor_id, at desc, id desc);
      create index activity_by_actor_email on activity (lower(actor_email), at desc, id desc);
      create index activity_by_object on activity (object_id, at desc, id desc);
      create index activity_by_object_name on activity (lower(object_name), at desc, id desc);
      create index activity_by_member on activity (member_id, at desc, id desc) where member_id is not null;
      create index activity_by_member_name on activity (lower(member_name), at desc, id desc) where member_name is not null;

      create table released_place (
        bind_address text not null,
        port_override integer not null,
        released_at timestamptz not null default now(),
        primary key (bind_address, port_override)
      );
      create index released_place_by_age on released_place (released_at);
      grant select, insert, update, delete on released_place to sluice_registry;

      alter table reset_code add column used_at timestamptz;
    `);
  }

  async down(): Promise<void> {
    throw new Error('whom activities are about is not given up');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the last heartbeat was published, and how far facts were stored then, so that of several copies of the service one publishes the next. */
export class Audit0018 implements MigrationInterface {
  name = 'Audit00189000000000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table heartbeat (
        only_one boolean primary key default true constraint heartbeat_only_one check (only_one),
        at       timestamptz not null,
        through  bigint not null
      );
      insert into heartbeat (at, through) values ('epoch', 0);
      grant select, update on heartbeat to sluice_audit;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table heartbeat');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** SIEM readers of audit events. */
export class Registry0014 implements MigrationInterface {
  name = 'Registry00149000000000014'; // TypeORM orders migrations by the last 13 digits

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table siem_reader (
        id          uuid primary key,
        version     int  not null,
        name        text not null,
        name_key    text not null,
        subjects    text[] not null constraint siem_reader_has_subjects check (cardinality(subjects) > 0),
        user_key    text not null,
        from_time   timestamptz,
        from_number bigint,
        start       int  not null,
        created_at  timestamptz not null default now(),
        created_by  text not null,
        rotated_at  timestamptz,
        constraint siem_reader_name_unique unique (name_key),
        constraint siem_reader_key_unique unique (user_key),
        constraint siem_reader_has_one_start check (num_nonnulls(from_time, from_number) = 1)
      );
      grant select, insert, update, delete on siem_reader to sluice_registry;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table siem_reader');
  }
}

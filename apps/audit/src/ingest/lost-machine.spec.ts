import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

it('has PostgreSQL notice within half a minute that the machine of a service is lost, so that its locks are released', async () => {
  const names = ['idle', 'interval', 'count'].map((name) => `tcp_keepalives_${name}`);
  const values = await Promise.all(
    [...names, 'tcp_user_timeout'].map(async (name) => {
      const [row] = await database.query<Record<string, string>[]>(`show ${name}`);
      return row?.[name];
    }),
  );
  expect(values).toEqual(['10', '5', '3', '25000']);
});

import { Text } from '@mantine/core';
import { collect, unwrap } from '@sluice/sdk';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { DataTable } from '../table/data-table.js';
import { loginColumns } from './login-columns.js';

const loginsQuery = queryOptions({
  queryKey: ['login', 'own'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/me/logins', { params: { query: pageAfter(cursor) } }))),
});

async function end(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/me/logins/{id}', { params: { path: { id } } }));
  await queryClient.invalidateQueries({ queryKey: ['login'] });
}

const COLUMNS = loginColumns(({ id, current }) =>
  current ? null : (
    <DangerButton label="End" size="compact-xs" title="End this login?" confirm="End login" onConfirm={() => end(id)}>
      It is signed out at once, and the sessions that it opened end.
    </DangerButton>
  ),
);

/** The logins of the person who is signed in. */
export function MyLogins() {
  const logins = useQuery(loginsQuery);
  return (
    <Section title="Logins">
      <Text size="sm" c="dimmed" mb="xs">
        Where your account is signed in: browsers and the sluice command.
      </Text>
      <Read query={logins} what="the logins">
        {(data) => <DataTable label="My logins" columns={COLUMNS} rows={data} rowId={({ id }) => id} folded />}
      </Read>
    </Section>
  );
}

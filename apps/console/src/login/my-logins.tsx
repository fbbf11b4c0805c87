import { Badge, Group, Loader, Paper, Text, Title } from '@mantine/core';
import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { type Column, DataTable } from '../table/data-table.js';
import { Time } from '../words/time.js';

type Login = Schemas['LoginInfo'];

const loginsQuery = queryOptions({
  queryKey: ['login', 'own'],
  queryFn: () =>
    collect((cursor) =>
      unwrap(api.GET('/api/v1/me/logins', { params: { query: { limit: 500, ...(cursor !== undefined && { cursor }) } } })),
    ),
});

async function end(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/me/logins/{id}', { params: { path: { id } } }));
  await queryClient.invalidateQueries({ queryKey: ['login'] });
}

const COLUMNS: readonly Column<Login>[] = [
  {
    id: 'since',
    title: 'Signed in',
    cell: ({ createdAt, current }) => (
      <Group gap="xs">
        <Time at={createdAt} />
        {current && (
          <Badge variant="light" tt="none">
            this browser
          </Badge>
        )}
      </Group>
    ),
    sortBy: ({ createdAt }) => createdAt,
  },
  { id: 'from', title: 'From', cell: ({ address }) => address ?? 'unknown' },
  { id: 'used', title: 'Last used', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="not yet" />, from: 'sm' },
  { id: 'until', title: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} />, from: 'sm' },
  {
    id: 'end',
    title: 'Actions',
    align: 'right',
    cell: ({ id, current }) =>
      current ? null : (
        <DangerButton label="End" size="compact-xs" title="End this login?" confirm="End login" onConfirm={() => end(id)}>
          It is signed out at once, and the sessions that it opened end.
        </DangerButton>
      ),
  },
];

/** The logins of the person who is signed in. */
export function MyLogins() {
  const { data, error, refetch } = useQuery(loginsQuery);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Logins
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        Where your account is signed in: browsers and the sluice command.
      </Text>
      {data ? (
        <DataTable label="My logins" columns={COLUMNS} rows={data} rowId={({ id }) => id} />
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <Loader size="sm" />
      )}
    </Paper>
  );
}

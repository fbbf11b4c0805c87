import { Paper, Text, Title } from '@mantine/core';
import { type Schemas, unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Read } from '../layout/read.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { Time } from '../words/time.js';
import { type User, userLoginsQuery } from './users.js';

type Login = Schemas['LoginInfo'];

const COLUMNS: readonly Column<Login>[] = [
  { id: 'since', title: 'Signed in', cell: ({ createdAt }) => <Time at={createdAt} />, sortBy: ({ createdAt }) => createdAt },
  { id: 'from', title: 'From', cell: ({ address }) => address ?? 'unknown' },
  { id: 'used', title: 'Last used', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="not yet" />, from: 'sm' },
  { id: 'until', title: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} />, from: 'sm' },
];

/** Where a user is signed in. */
export function UserLogins({ user }: { readonly user: User }) {
  const administrator = useIsAdministrator();
  const logins = useQuery(userLoginsQuery(user.id));
  const columns = useMemo(
    (): readonly Column<Login>[] =>
      administrator
        ? [
            ...COLUMNS,
            {
              id: 'end',
              title: 'Actions',
              align: 'right',
              cell: ({ id: loginId }) => (
                <DangerButton
                  label="End"
                  size="compact-xs"
                  title="End this login?"
                  confirm="End login"
                  onConfirm={async () => {
                    await unwrap(
                      api.DELETE('/api/v1/users/{id}/logins/{loginId}', { params: { path: { id: user.id, loginId } } }),
                    );
                    await queryClient.invalidateQueries({ queryKey: ['login'] });
                  }}
                >
                  {user.email} is signed out there, and the sessions that this login opened end at once.
                </DangerButton>
              ),
            },
          ]
        : COLUMNS,
    [administrator, user],
  );
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Logins
      </Title>
      <Read query={logins} what="the logins">
        {(data) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              Not signed in anywhere
            </Text>
          ) : (
            <DataTable label={`Logins of ${user.email}`} columns={columns} rows={data} rowId={({ id }) => id} />
          )
        }
      </Read>
    </Paper>
  );
}

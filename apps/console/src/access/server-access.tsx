import { Badge, Stack, Text } from '@mantine/core';
import type { Schemas } from '@sluice/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Email } from '../layout/email.js';
import { EmptyState } from '../layout/empty-state.js';
import { Read } from '../layout/read.js';
import { ShowMore } from '../layout/show-more.js';
import { TextLink } from '../layout/text-link.js';
import { type Column, DataTable } from '../table/data-table.js';
import { liveText, rolesColumn } from './access-columns.js';
import { serverAccessQuery } from './access-lists.js';

type ServerAccess = Schemas['ServerAccess'];

const columnsOf = (serverId: string): readonly Column<ServerAccess>[] => [
  {
    id: 'user',
    title: 'User',
    cell: ({ user: { id, email, status } }) => (
      <Stack gap={2} align="flex-start">
        <TextLink to="/users/$id" params={{ id }}>
          <Email address={email} />
        </TextLink>
        {status === 'suspended' && (
          <Badge variant="light" color="orange" tt="none" title="Cannot connect until they are resumed">
            suspended
          </Badge>
        )}
      </Stack>
    ),
  },
  rolesColumn<ServerAccess>(),
  {
    id: 'live',
    title: 'Live sessions',
    cell: (access) =>
      access.liveSessions === null || access.liveSessions === 0 ? (
        liveText(access)
      ) : (
        <TextLink to="/queries" search={{ resource: serverId, account: access.user.id }}>
          {liveText(access)}
        </TextLink>
      ),
    align: 'right',
  },
];

/** Who may reach a server, and why. */
export function ServerAccessList({ server: { id, name } }: { readonly server: Pick<Schemas['Server'], 'id' | 'name'> }) {
  const access = useInfiniteQuery(serverAccessQuery(id));
  const columns = useMemo(() => columnsOf(id), [id]);
  return (
    <Read query={access} what="who may reach the server">
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items);
        return rows.length === 0 ? (
          <EmptyState title="Nobody may reach this server">
            Users reach it by a role: let a role reach it under{' '}
            <TextLink underline="always" to="/roles">
              Roles
            </TextLink>
            , and give that role to users.
          </EmptyState>
        ) : (
          <Stack gap="xs">
            <Text size="sm" c="dimmed">
              Users who hold a role that reaches it. Who is suspended cannot connect until they are resumed.
            </Text>
            <DataTable label={`Users who may reach ${name}`} columns={columns} rows={rows} rowId={({ user }) => user.id} />
            <ShowMore query={access} label="Show more users" />
          </Stack>
        );
      }}
    </Read>
  );
}

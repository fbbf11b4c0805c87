import { Text } from '@mantine/core';
import type { Schemas } from '@sluice/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { ShowMore } from '../layout/show-more.js';
import { TextLink } from '../layout/text-link.js';
import { type Column, DataTable } from '../table/data-table.js';
import { liveText, rolesColumn } from './access-columns.js';
import { userAccessQuery } from './access-lists.js';

type UserAccess = Schemas['UserAccess'];

const COLUMNS: readonly Column<UserAccess>[] = [
  {
    id: 'server',
    title: 'Server',
    cell: ({ server: { id, name } }) => (
      <TextLink className="breakable" to="/servers/$id" params={{ id }}>
        {name}
      </TextLink>
    ),
  },
  rolesColumn<UserAccess>(),
  { id: 'live', title: 'Live sessions', cell: liveText, align: 'right' },
];

/** Which servers a user may reach, and why. */
export function UserAccessList({ user: { id, email, status } }: { readonly user: Schemas['User'] }) {
  const access = useInfiniteQuery(userAccessQuery(id));
  return (
    <Section title="Servers they may reach">
      <Read query={access} what="what the user may reach">
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          return (
            <>
              {status === 'suspended' && rows.length > 0 && (
                <Text size="sm" mb="xs">
                  Suspended: they cannot connect to any of them until they are resumed.
                </Text>
              )}
              {rows.length === 0 ? (
                <Text size="sm" c="dimmed">
                  No role of theirs reaches a server
                </Text>
              ) : (
                <DataTable
                  label={`Servers that ${email} may reach`}
                  columns={COLUMNS}
                  rows={rows}
                  rowId={({ server }) => server.id}
                />
              )}
              <ShowMore query={access} label="Show more servers" />
            </>
          );
        }}
      </Read>
    </Section>
  );
}

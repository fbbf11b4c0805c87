import { Badge, Group } from '@mantine/core';
import type { Schemas } from '@sluice/sdk';
import type { ReactNode } from 'react';
import type { Column } from '../table/data-table.js';
import { Time } from '../words/time.js';

/** A login: since when somebody is signed in, and from where. */
export type Login = Schemas['LoginInfo'];

/** The columns of a list of logins. @param end the button that ends one, where that is allowed */
export const loginColumns = (end?: (login: Login) => ReactNode): readonly Column<Login>[] => [
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
  ...(end ? [{ id: 'end', title: 'Actions', align: 'right', cell: end } as const] : []),
];

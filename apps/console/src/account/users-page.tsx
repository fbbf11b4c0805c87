import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Command } from '../layout/copyable.js';
import { Email } from '../layout/email.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { SearchBox } from '../table/search-box.js';
import { counted } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { AddUser } from './add-user.js';
import { type User, usersQuery } from './users.js';

const COLUMNS: readonly Column<User>[] = [
  {
    id: 'email',
    title: 'E-mail',
    cell: ({ id, email }) => (
      <TextLink fw={600} to="/users/$id" params={{ id }}>
        <Email address={email} />
      </TextLink>
    ),
    sortBy: ({ email }) => email,
  },
  {
    id: 'status',
    title: 'Status',
    cell: ({ status }) => (
      <Badge variant="light" color={status === 'active' ? 'green' : 'orange'} tt="none">
        {status}
      </Badge>
    ),
    sortBy: ({ status }) => status,
  },
  { id: 'apiRole', title: 'In the API', cell: ({ apiRole }) => apiRole, sortBy: ({ apiRole }) => apiRole, from: 'sm' },
  {
    id: 'roles',
    title: 'Roles',
    cell: ({ roles }) => (
      <Text size="sm" className="breakable">
        {roles.length === 0 ? '—' : roles.map(({ name }) => name).join(', ')}
      </Text>
    ),
    sortBy: ({ roles }) => roles.length,
    from: 'md',
  },
  {
    id: 'created',
    title: 'Added',
    cell: ({ createdAt }) => <Time at={createdAt} />,
    sortBy: ({ createdAt }) => createdAt,
    from: 'lg',
  },
];

/** The people who may sign in. */
export function UsersPage() {
  const administrator = useIsAdministrator();
  const users = useQuery(usersQuery);
  const [search, setSearch] = useState('');
  const [adding, { open, close }] = useDisclosure();
  const shown = useMemo(() => {
    const part = search.trim().toLowerCase();
    return (users.data ?? []).filter(
      ({ email, roles, status, apiRole }) =>
        part === '' ||
        [email, status, apiRole, ...roles.map(({ name }) => name)].some((text) => text.toLowerCase().includes(part)),
    );
  }, [users.data, search]);
  return (
    <Page
      title="Users"
      description={users.data && counted(users.data.length, 'user')}
      actions={
        administrator && (
          <Button leftSection={<UserPlus size={16} />} onClick={open}>
            Add user
          </Button>
        )
      }
    >
      <Read query={users} what="the users">
        {() => (
          <>
            <Group>
              <SearchBox label="Search users" value={search} suggestions={[]} onChange={setSearch} />
            </Group>
            {shown.length === 0 ? (
              <EmptyState title="No user fits this search">
                Users are added here or by
                <Command text="sluice admin users add EMAIL" />
              </EmptyState>
            ) : (
              <DataTable label="Users" columns={COLUMNS} rows={shown} rowId={({ id }) => id} initialSort={{ id: 'email' }} />
            )}
          </>
        )}
      </Read>
      {administrator && <AddUser opened={adding} onClose={close} />}
    </Page>
  );
}

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { Command } from '../layout/copyable.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { AddNamed } from '../layout/name-dialogs.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { counted } from '../words/quantity.js';
import { type Role, rolesQuery } from './roles.js';

const COLUMNS: readonly Column<Role>[] = [
  {
    id: 'name',
    title: 'Name',
    cell: ({ id, name }) => (
      <TextLink fw={600} className="breakable" to="/roles/$id" params={{ id }}>
        {name}
      </TextLink>
    ),
    sortBy: ({ name }) => name,
  },
  {
    id: 'servers',
    title: 'Servers',
    cell: ({ serverCount, servers }) => serverCount ?? servers.length,
    sortBy: ({ serverCount, servers }) => serverCount ?? servers.length,
    align: 'right',
  },
  {
    id: 'users',
    title: 'Users',
    cell: ({ userCount, users }) => userCount ?? users.length,
    sortBy: ({ userCount, users }) => userCount ?? users.length,
    align: 'right',
  },
];

/** The roles: each lets its members reach its servers. */
export function RolesPage() {
  const administrator = useIsAdministrator();
  const roles = useQuery(rolesQuery);
  const [adding, { open, close }] = useDisclosure();
  return (
    <Page
      title="Roles"
      description={roles.data && counted(roles.data.length, 'role')}
      actions={
        administrator && (
          <Button leftSection={<Plus size={16} />} onClick={open}>
            Add role
          </Button>
        )
      }
    >
      <Read query={roles} what="the roles">
        {(data) =>
          data.length === 0 ? (
            <EmptyState title="There are no roles yet">
              A role lets its members reach its servers. Add one here, or type
              <Command text="sluice admin roles add NAME" />
            </EmptyState>
          ) : (
            <DataTable label="Roles" columns={COLUMNS} rows={data} rowId={({ id }) => id} initialSort={{ id: 'name' }} />
          )
        }
      </Read>
      {administrator && <AddRole opened={adding} onClose={close} />}
    </Page>
  );
}

function AddRole({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const navigate = useNavigate();
  const add = async (name: string) => {
    const role = await unwrap(api.POST('/api/v1/roles', { body: { name } }));
    await queryClient.invalidateQueries({ queryKey: ['role'] });
    await navigate({ to: '/roles/$id', params: { id: role.id } });
  };
  return <AddNamed what="role" opened={opened} onClose={onClose} onAdd={add} />;
}

import { Text } from '@mantine/core';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { useIsAdministrator } from '../login/account.js';
import { type Login, loginColumns } from '../login/login-columns.js';
import { DataTable } from '../table/data-table.js';
import { type User, userLoginsQuery } from './users.js';

/** Where a user is signed in. */
export function UserLogins({ user }: { readonly user: User }) {
  const administrator = useIsAdministrator();
  const logins = useQuery(userLoginsQuery(user.id));
  const columns = useMemo(
    () => loginColumns(administrator ? (login) => <EndLogin user={user} login={login} /> : undefined),
    [administrator, user],
  );
  return (
    <Section title="Logins">
      <Read query={logins} what="the logins">
        {(data) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              Not signed in anywhere
            </Text>
          ) : (
            <DataTable label={`Logins of ${user.email}`} columns={columns} rows={data} rowId={({ id }) => id} folded />
          )
        }
      </Read>
    </Section>
  );
}

function EndLogin({ user: { id, email }, login: { id: loginId } }: { readonly user: User; readonly login: Login }) {
  const end = async () => {
    await unwrap(api.DELETE('/api/v1/users/{id}/logins/{loginId}', { params: { path: { id, loginId } } }));
    await queryClient.invalidateQueries({ queryKey: ['login'] });
  };
  return (
    <DangerButton label="End" size="compact-xs" title="End this login?" confirm="End login" onConfirm={end}>
      {email} is signed out there, and the sessions that this login opened end at once.
    </DangerButton>
  );
}

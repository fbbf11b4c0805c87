import { Button, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { KeyRound, Pencil, Play, Trash2, UserX } from 'lucide-react';
import { useState } from 'react';
import { UserAccessList } from '../access/user-access.js';
import { api } from '../api/client.js';
import { notifyProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Copyable } from '../layout/copyable.js';
import { Facts } from '../layout/facts.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { TextLink } from '../layout/text-link.js';
import { Section } from '../layout/section.js';
import { useAccount, useIsAdministrator } from '../login/account.js';
import { rolesQuery, ruleOf } from '../role/roles.js';
import { EndAll } from '../session/end-all.js';
import { EndSession } from '../session/end-session.js';
import { LiveNow } from '../session/live-now.js';
import { SESSION_COLUMNS } from '../session/session-columns.js';
import { liveSessions } from '../session/sessions.js';
import { DataTable } from '../table/data-table.js';
import { counted } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { EditUser } from './edit-user.js';
import { UserLogins } from './user-logins.js';
import { API_ROLE_WORDS, type User, userQuery } from './users.js';

const changed = () =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey }) => ['user', 'role', 'session', 'login', 'access'].includes(String(queryKey[0])),
  });

/** One person: what they may do, the roles that they hold, where they are signed in, and what they are connected to now. */
export function UserPage() {
  const { id } = useParams({ from: '/signed-in/users/$id' });
  const user = useQuery(userQuery(id));
  return (
    <Page
      title={user.data?.email ?? 'User'}
      above={{ title: 'Users', to: '/users' }}
      description={user.data && (user.data.status === 'active' ? 'Active' : 'Suspended: may neither sign in nor connect')}
      actions={user.data && <Actions user={user.data} />}
    >
      <Read query={user} what="the user">
        {(data) => (
          <Stack>
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Section title="Account">
                <Facts
                  rows={[
                    ['In the API', `${data.apiRole}: ${API_ROLE_WORDS[data.apiRole]}`],
                    ['Added', <Time key="t" at={data.createdAt} />],
                    ['Id', <Copyable key="id" value={data.id} what="the id" />],
                  ]}
                />
              </Section>
              <Roles user={data} />
            </SimpleGrid>
            <UserAccessList user={data} />
            <LiveOf user={data} />
            <UserLogins user={data} />
          </Stack>
        )}
      </Read>
    </Page>
  );
}

function Actions({ user }: { readonly user: User }) {
  const administrator = useIsAdministrator();
  const own = useAccount().id === user.id;
  const navigate = useNavigate();
  const [editing, { open, close }] = useDisclosure();
  const [secret, setSecret] = useState<Secret>();
  const live = useQuery(liveSessions({ account: user.id }));
  if (!administrator) return null;
  const path = { id: user.id };
  const ends = `${counted(live.data?.length ?? 0, 'live session')} of theirs ${live.data?.length === 1 ? 'ends' : 'end'} at once.`;
  const resume = async () => {
    try {
      await unwrap(api.POST('/api/v1/users/{id}/resume', { params: { path }, body: { version: user.version } }));
      await changed();
    } catch (error) {
      notifyProblem(`${user.email} was not resumed`, error);
    }
  };
  return (
    <>
      <Button variant="default" leftSection={<Pencil size={16} />} onClick={open}>
        Edit
      </Button>
      {!own && (
        <DangerButton
          label="Reset password"
          icon={<KeyRound size={16} />}
          title={`Reset the password of ${user.email}?`}
          confirm="Reset password"
          onConfirm={async () => {
            const { code } = await unwrap(api.POST('/api/v1/users/{id}/password-reset', { params: { path } }));
            await changed();
            setSecret({
              title: `One-time code for ${user.email}`,
              what: 'the code',
              value: code,
              note: 'With it they set a new password, once.',
              commands: [
                {
                  title: 'They type',
                  text: `sluice passwd --server ${window.location.origin} --email ${user.email} --code-file CODE`,
                },
              ],
            });
          }}
        >
          Their password stops working and their logins end. {ends}
        </DangerButton>
      )}
      {user.status === 'suspended' ? (
        <Button variant="light" leftSection={<Play size={16} />} onClick={() => void resume()}>
          Resume
        </Button>
      ) : (
        !own && (
          <DangerButton
            label="Suspend"
            icon={<UserX size={16} />}
            title={`Suspend ${user.email}?`}
            confirm="Suspend"
            onConfirm={async () => {
              await unwrap(api.POST('/api/v1/users/{id}/suspend', { params: { path }, body: { version: user.version } }));
              await changed();
            }}
          >
            They can neither sign in nor connect until they are resumed. {ends}
          </DangerButton>
        )
      )}
      {!own && (
        <DangerButton
          label="Delete"
          icon={<Trash2 size={16} />}
          title={`Delete ${user.email}?`}
          confirm="Delete user"
          onConfirm={async () => {
            await unwrap(api.DELETE('/api/v1/users/{id}', { params: { path, query: { version: user.version } } }));
            await navigate({ to: '/users' });
            await changed();
            notifications.show({ message: `${user.email} was deleted` });
          }}
        >
          This cannot be undone; the records of their sessions stay. {ends}
        </DangerButton>
      )}
      <EditUser user={user} opened={editing} onClose={close} />
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function Roles({ user }: { readonly user: User }) {
  const administrator = useIsAdministrator();
  const roles = useQuery(rolesQuery);
  const free = (roles.data ?? []).filter(({ id }) => !user.roles.some((role) => role.id === id));
  const assign = async (roleId: string) => {
    try {
      await unwrap(api.PUT('/api/v1/roles/{id}/users/{userId}', { params: { path: { id: roleId, userId: user.id } } }));
      await changed();
    } catch (error) {
      notifyProblem('The role was not given', error);
    }
  };
  return (
    <Section title="Roles">
      <Stack gap="xs">
        {user.roles.length === 0 && (
          <Text size="sm" c="dimmed">
            Without a role they reach no server.
          </Text>
        )}
        {user.roles.map(({ id, name }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <TextLink className="breakable" to="/roles/$id" params={{ id }}>
              {name}
            </TextLink>
            {administrator && (
              <DangerButton
                label="Take away"
                size="compact-xs"
                title={`Take ${name} away from ${user.email}?`}
                confirm="Take away"
                onConfirm={async () => {
                  await unwrap(api.DELETE('/api/v1/roles/{id}/users/{userId}', { params: { path: { id, userId: user.id } } }));
                  await changed();
                }}
              >
                Of their live sessions that this role allowed
                <LiveNow filters={{ rule: ruleOf(name), account: user.id }} />, those that no other role allows end at once.
              </DangerButton>
            )}
          </Group>
        ))}
        {administrator && free.length > 0 && (
          <Select
            aria-label="Give a role"
            placeholder="Give a role"
            searchable
            value={null}
            data={free.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) => id !== null && void assign(id)}
          />
        )}
      </Stack>
    </Section>
  );
}

function LiveOf({ user }: { readonly user: User }) {
  const administrator = useIsAdministrator();
  const { data = [] } = useQuery(liveSessions({ account: user.id }));
  const columns = SESSION_COLUMNS.filter(({ id }) => id !== 'account' && id !== 'outcome');
  return (
    <Section
      title="Live sessions"
      actions={
        <Group gap="sm">
          <TextLink to="/queries" search={{ account: user.id }}>
            All sessions
          </TextLink>
          {administrator && data.length > 0 && <EndAll sessions={data} who={user.email} />}
        </Group>
      }
    >
      {data.length === 0 ? (
        <Text size="sm" c="dimmed">
          Not connected to anything now
        </Text>
      ) : (
        <DataTable
          label={`Live sessions of ${user.email}`}
          columns={
            administrator
              ? [...columns, { id: 'end', title: 'Actions', cell: (session) => <EndSession session={session} />, align: 'right' }]
              : columns
          }
          rows={data}
          rowId={({ id }) => id}
        />
      )}
    </Section>
  );
}

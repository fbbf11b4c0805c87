import { Anchor, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { type ReactNode } from 'react';
import { api } from '../api/client.js';
import { notifyProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { RenameButton } from '../layout/name-dialogs.js';
import { useIsAdministrator } from '../login/account.js';
import { LiveNow } from '../session/live-now.js';
import type { SessionFilters } from '../session/sessions.js';
import { counted } from '../words/quantity.js';
import { choicesQuery } from './choices.js';
import { type Role, roleQuery, ruleOf } from './roles.js';

const changed = () =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey }) => ['role', 'user', 'server', 'me', 'access'].includes(String(queryKey[0])),
  });

/** One role: the servers that it lets reach, and who holds it. */
export function RolePage() {
  const { id } = useParams({ from: '/signed-in/roles/$id' });
  const role = useQuery(roleQuery(id));
  return (
    <Page
      title={role.data?.name ?? 'Role'}
      above={{ title: 'Roles', to: '/roles' }}
      description={
        role.data &&
        `${counted(role.data.userCount ?? role.data.users.length, 'user')} may reach ${counted(role.data.serverCount ?? role.data.servers.length, 'server')}`
      }
      actions={role.data && <Actions role={role.data} />}
    >
      <Read query={role} what="the role">
        {(data) => (
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Servers role={data} />
            <Members role={data} />
          </SimpleGrid>
        )}
      </Read>
    </Page>
  );
}

function Actions({ role: { id, name, version, users, userCount } }: { readonly role: Role }) {
  const administrator = useIsAdministrator();
  const navigate = useNavigate();
  if (!administrator) return null;
  return (
    <>
      <RenameButton
        name={name}
        onRename={async (renamed) => {
          await unwrap(api.PATCH('/api/v1/roles/{id}', { params: { path: { id } }, body: { version, name: renamed } }));
          await changed();
        }}
      />
      <DangerButton
        label="Delete"
        icon={<Trash2 size={16} />}
        title={`Delete ${name}?`}
        confirm="Delete role"
        onConfirm={async () => {
          await unwrap(api.DELETE('/api/v1/roles/{id}', { params: { path: { id }, query: { version } } }));
          await navigate({ to: '/roles' });
          await changed();
          notifications.show({ message: `${name} was deleted` });
        }}
      >
        {counted(userCount ?? users.length, 'user')} {(userCount ?? users.length) === 1 ? 'loses' : 'lose'} it. Of the live
        sessions that it allowed
        <LiveNow filters={{ rule: ruleOf(name) }} />, those that no other role allows end at once.
      </DangerButton>
    </>
  );
}

function Servers({ role }: { readonly role: Role }) {
  const path = (serverId: string) => ({ params: { path: { id: role.id, serverId } } });
  return (
    <RoleList
      title="Servers"
      none="It reaches no server yet."
      items={role.servers.map(({ id, name }) => ({
        id,
        name,
        link: (props) => <Link to="/servers/$id" params={{ id }} {...props} />,
      }))}
      kind="server"
      add="Let it reach a server"
      onAdd={(id) => unwrap(api.PUT('/api/v1/roles/{id}/servers/{serverId}', path(id)))}
      onRemove={(id) => unwrap(api.DELETE('/api/v1/roles/{id}/servers/{serverId}', path(id)))}
      warning={(resource) => <Ends filters={{ rule: ruleOf(role.name), resource }} />}
    />
  );
}

function Members({ role }: { readonly role: Role }) {
  const path = (userId: string) => ({ params: { path: { id: role.id, userId } } });
  return (
    <RoleList
      title="Users"
      none="Nobody holds it yet."
      items={role.users.map(({ id, email }) => ({
        id,
        name: email,
        link: (props) => <Link to="/users/$id" params={{ id }} {...props} />,
      }))}
      kind="user"
      add="Give it to a user"
      onAdd={(id) => unwrap(api.PUT('/api/v1/roles/{id}/users/{userId}', path(id)))}
      onRemove={(id) => unwrap(api.DELETE('/api/v1/roles/{id}/users/{userId}', path(id)))}
      warning={(account) => <Ends filters={{ rule: ruleOf(role.name), account }} />}
    />
  );
}

const Ends = ({ filters }: { readonly filters: SessionFilters }) => (
  <>
    Of the live sessions that this role allowed between them
    <LiveNow filters={filters} />, those that no other role allows end at once.
  </>
);

interface Item {
  readonly id: string;
  readonly name: string;
  readonly link: (props: Record<string, unknown>) => ReactNode;
}

/** What belongs to a role: a list, a field that adds to it, and a button at each that takes it away. */
function RoleList({
  title,
  none,
  items,
  kind,
  add,
  onAdd,
  onRemove,
  warning,
}: {
  readonly title: string;
  readonly none: string;
  readonly items: readonly Item[];
  readonly kind: 'server' | 'user';
  readonly add: string;
  readonly onAdd: (id: string) => Promise<unknown>;
  readonly onRemove: (id: string) => Promise<unknown>;
  /** What ends when it is taken away, by its id. */
  readonly warning: (id: string) => ReactNode;
}) {
  const administrator = useIsAdministrator();
  const choices = useQuery({ ...choicesQuery(kind), enabled: administrator });
  const free = (choices.data ?? []).filter(({ value }) => !items.some(({ id }) => id === value));
  const choose = async (id: string) => {
    try {
      await onAdd(id);
      await changed();
    } catch (error) {
      notifyProblem('The role was not changed', error);
    }
  };
  return (
    <Section title={title}>
      <Stack gap="xs">
        {items.length === 0 && (
          <Text size="sm" c="dimmed">
            {none}
          </Text>
        )}
        {items.map(({ id, name, link }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <Anchor size="sm" className="breakable" renderRoot={link}>
              {name}
            </Anchor>
            {administrator && (
              <DangerButton
                label="Remove"
                size="compact-xs"
                title={`Remove ${name}?`}
                confirm="Remove"
                onConfirm={async () => {
                  await onRemove(id);
                  await changed();
                }}
              >
                {warning(id)}
              </DangerButton>
            )}
          </Group>
        ))}
        {administrator && free.length > 0 && (
          <Select
            aria-label={add}
            placeholder={add}
            searchable
            limit={50}
            value={null}
            data={free}
            onChange={(id) => id !== null && void choose(id)}
          />
        )}
      </Stack>
    </Section>
  );
}

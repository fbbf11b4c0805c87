import { Center, Loader, Tabs } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { ServerAccessList } from '../access/server-access.js';
import { api } from '../api/client.js';
import { Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Page } from '../layout/page.js';
import { useIsAdministrator } from '../login/account.js';
import { LiveNow } from '../session/live-now.js';
import { Diagnostics } from './diagnostics.js';
import { HealthIcon } from './health.js';
import { ServerActivity } from './server-activity.js';
import { ServerSessions } from './server-sessions.js';
import { ServerSettings } from './server-settings.js';
import { SERVER_TABS, TAB_TITLES } from './server-tabs.js';
import { type Server, serverQuery } from './servers.js';

/** One server: its health and what to try, its settings, who used it. */
export function ServerPage() {
  const { id } = useParams({ from: '/signed-in/servers/$id' });
  const { tab = 'diagnostics' } = useSearch({ from: '/signed-in/servers/$id' });
  const navigate = useNavigate();
  const administrator = useIsAdministrator();
  const { data: server, error, refetch } = useQuery(serverQuery(id));
  if (server === undefined) {
    return (
      <Page title="Server" above={{ title: 'Servers', to: '/servers' }}>
        {error ? (
          <Problem error={error} retry={() => void refetch()} />
        ) : (
          <Center p="xl">
            <Loader aria-label="Loading the server" />
          </Center>
        )}
      </Page>
    );
  }
  return (
    <Page
      title={server.name}
      above={{ title: 'Servers', to: '/servers' }}
      description={<HealthIcon health={server.health} withText />}
      actions={administrator && <DeleteServer server={server} />}
    >
      <Tabs
        value={tab}
        onChange={(next) => {
          const chosen = SERVER_TABS.find((one) => one === next);
          if (chosen) void navigate({ to: '/servers/$id', params: { id }, search: { tab: chosen }, replace: true });
        }}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {SERVER_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {TAB_TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="diagnostics">
          <Diagnostics server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <ServerSettings server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="access">
          <ServerAccessList server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <ServerSessions server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="activity">
          <ServerActivity server={server} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function DeleteServer({ server: { id, name, version } }: { readonly server: Server }) {
  const navigate = useNavigate();
  const remove = async () => {
    await unwrap(api.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
    await navigate({ to: '/servers' });
    await queryClient.invalidateQueries({ queryKey: ['server'] });
    notifications.show({ message: `${name} was deleted` });
  };
  return (
    <DangerButton
      label="Delete"
      icon={<Trash2 size={16} />}
      title={`Delete ${name}?`}
      confirm={`Delete ${name}`}
      onConfirm={remove}
    >
      Its live sessions end at once
      <LiveNow filters={{ resource: id }} />, and its address is free for another server. The records of its sessions stay.
    </DangerButton>
  );
}

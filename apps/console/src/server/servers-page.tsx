import { Button, Center, Group, Loader } from '@mantine/core';
import { HEALTH_KINDS, SERVER_TYPES } from '@sluice/domain';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Command, Copyable } from '../layout/copyable.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { SearchBox } from '../table/search-box.js';
import { liveCountsQuery } from '../session/sessions.js';
import { counted, countText } from '../words/quantity.js';
import { DeleteServers, EditTags } from './bulk-actions.js';
import { filterServers, tagsOf } from './filter-servers.js';
import { HealthIcon, viewOf } from './health.js';
import { clientAddress, type Server, serversQuery } from './servers.js';
import { TagList } from '../layout/tag-list.js';
import { TextLink } from '../layout/text-link.js';

const COLUMNS: readonly Column<Server>[] = [
  {
    id: 'health',
    title: 'Health',
    cell: ({ health }) => <HealthIcon health={health} />,
    sortBy: ({ health }) => viewOf(health).view,
  },
  {
    id: 'name',
    title: 'Name',
    cell: ({ id, name }) => (
      <TextLink fw={600} className="breakable" to="/servers/$id" params={{ id }}>
        {name}
      </TextLink>
    ),
    sortBy: ({ name }) => name,
  },
  { id: 'type', title: 'Type', cell: () => 'TCP', from: 'lg' },
  {
    id: 'address',
    title: 'Address for clients',
    cell: (server) => <Copyable value={clientAddress(server)} what={`the address of ${server.name}`} />,
    sortBy: clientAddress,
  },
  {
    id: 'endpoint',
    title: 'Endpoint',
    cell: ({ name, hostname, port }) => <Copyable value={`${hostname}:${port}`} what={`the endpoint of ${name}`} />,
    sortBy: ({ hostname, port }) => `${hostname}:${port}`,
    from: 'md',
  },
  {
    id: 'cluster',
    title: 'Proxy cluster',
    cell: ({ proxyCluster }) => proxyCluster ?? 'None',
    sortBy: ({ proxyCluster }) => proxyCluster ?? '',
    from: 'lg',
  },
  { id: 'tags', title: 'Tags', cell: ({ tags }) => <TagList tags={tags} limit={3} />, from: 'sm' },
  {
    id: 'live',
    title: 'Live',
    cell: ({ id }) => <LiveSessions id={id} />,
    sortBy: ({ id }) => queryClient.getQueryData(liveCountsQuery.queryKey)?.get(id) ?? 0, // as it was then: rows do not jump
    from: 'sm',
    align: 'right',
  },
];

/** How many sessions to a server run. Each cell reads its own number, so that the table is rendered anew only where one changed. */
function LiveSessions({ id }: { readonly id: string }) {
  const { data: count } = useQuery({ ...liveCountsQuery, select: (counts) => counts.get(id) ?? 0 });
  if (count === undefined || count === 0) return count ?? '—';
  return (
    <TextLink to="/queries" search={{ resource: id, state: 'running' }}>
      {countText(count)}
    </TextLink>
  );
}

/** The servers: their health, where clients find them, and what can be done with several at once. */
export function ServersPage() {
  const { search = '' } = useSearch({ from: '/signed-in/servers' });
  const navigate = useNavigate();
  const administrator = useIsAdministrator();
  const { data, error, refetch, isPending } = useQuery(serversQuery);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(search);
  const shown = useMemo(() => filterServers(data ?? [], wanted), [data, wanted]);
  const chosen = useMemo(() => (data ?? []).filter(({ id }) => selected.has(id)), [data, selected]);
  const unselect = () => setSelected(new Set());
  const suggestions = useMemo(() => suggestionsFor(data ?? []), [data]);

  return (
    <Page
      title="Servers"
      description={data === undefined ? undefined : counted(data.length, 'server')}
      actions={
        administrator && (
          <Button leftSection={<Plus size={16} />} renderRoot={(props) => <Link to="/servers/add" {...props} />}>
            Add server
          </Button>
        )
      }
    >
      {error !== null && data === undefined ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Center p="xl">
          <Loader aria-label="Loading the servers" />
        </Center>
      ) : data.length === 0 ? (
        <EmptyState title="There are no servers yet">
          {administrator ? (
            <>
              Add the first one here, or type
              <Command text="sluice admin servers add tcp my-db --hostname 10.0.0.5 --port 5432" />
            </>
          ) : (
            'An administrator can add servers.'
          )}
        </EmptyState>
      ) : (
        <>
          <Group justify="space-between">
            <SearchBox
              label="Search servers"
              value={search}
              suggestions={suggestions}
              onChange={(next) => void navigate({ to: '/servers', search: next === '' ? {} : { search: next }, replace: true })}
            />
            {chosen.length > 0 && (
              <Group gap="xs">
                <EditTags servers={chosen} onDone={unselect} />
                <DeleteServers servers={chosen} onDone={unselect} />
              </Group>
            )}
          </Group>
          {shown.length === 0 ? (
            <EmptyState title="No server fits this search">
              <Button variant="light" size="xs" onClick={() => void navigate({ to: '/servers', search: {}, replace: true })}>
                Show all
              </Button>
            </EmptyState>
          ) : (
            <DataTable
              label="Servers"
              columns={COLUMNS}
              rows={shown}
              rowId={({ id }) => id}
              initialSort={{ id: 'name' }}
              {...(administrator && {
                selection: { ids: selected, onChange: setSelected },
                selectionLabel: ({ name }: Server) => name,
              })}
            />
          )}
        </>
      )}
    </Page>
  );
}

/** What the search box offers: kinds of health, types, and the clusters and tags that there are. */
function suggestionsFor(servers: readonly Server[]): string[] {
  const clusters = new Set(servers.map(({ proxyCluster }) => proxyCluster ?? 'none'));
  const tags = new Set(servers.flatMap(tagsOf));
  return [
    ...HEALTH_KINDS.map((kind) => `health:${kind}`),
    ...SERVER_TYPES.map((type) => `type:${type}`),
    ...[...clusters].sort().map((name) => `cluster:${name.toLowerCase()}`),
    ...[...tags].sort().map((tag) => `tag:${tag}`),
  ];
}

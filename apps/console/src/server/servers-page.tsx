import { Button, Center, Group, Loader } from '@mantine/core';
import { clusterText, HEALTH_KINDS, SERVER_TYPES } from '@sluice/domain';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { createContext, useCallback, useContext, useDeferredValue, useMemo, useState } from 'react';
import { Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Command, Copyable } from '../layout/copyable.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { RowLink } from '../layout/row-link.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { SearchBox } from '../table/search-box.js';
import { useTyped } from '../table/use-typed.js';
import { liveCountsQuery } from '../session/sessions.js';
import { counted, countText } from '../words/quantity.js';
import { DeleteServers, EditTags } from './bulk-actions.js';
import { filterServers, tagsOf } from './filter-servers.js';
import { HealthIcon, viewOf } from './health.js';
import { clientAddress, type Server, serversQuery } from './servers.js';
import { TagList } from '../layout/tag-list.js';

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
      <RowLink strong href={`/servers/${id}`}>
        {name}
      </RowLink>
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
    cell: ({ proxyCluster }) => clusterText(proxyCluster),
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

/** How many sessions to each server run; undefined until it is known. */
const LiveCounts = createContext<ReadonlyMap<string, number> | undefined>(undefined);

/** How many sessions to a server run. */
function LiveSessions({ id }: { readonly id: string }) {
  const counts = useContext(LiveCounts);
  if (counts === undefined) return '—';
  const count = counts.get(id) ?? 0;
  return count === 0 ? 0 : <RowLink href={`/queries?resource=${id}&state=running`}>{countText(count)}</RowLink>;
}

/** The servers: their health, where clients find them, and what can be done with several at once. */
export function ServersPage() {
  const { search = '' } = useSearch({ from: '/signed-in/servers' });
  const navigate = useNavigate();
  const administrator = useIsAdministrator();
  const { data, error, refetch, isPending } = useQuery(serversQuery);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { data: liveCounts } = useQuery(liveCountsQuery);
  const keep = useCallback(
    (next: string) => void navigate({ to: '/servers', search: next === '' ? {} : { search: next }, replace: true }),
    [navigate],
  );
  const [typed, type] = useTyped(search, keep);
  const wanted = useDeferredValue(typed);
  const shown = useMemo(() => new Set(filterServers(data ?? [], wanted)), [data, wanted]);
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
            <SearchBox label="Search servers" value={typed} suggestions={suggestions} onChange={type} />
            {chosen.length > 0 && (
              <Group gap="xs">
                <EditTags servers={chosen} onDone={unselect} />
                <DeleteServers servers={chosen} onDone={unselect} />
              </Group>
            )}
          </Group>
          {shown.size === 0 ? (
            <EmptyState title="No server fits this search">
              <Button variant="light" size="xs" onClick={() => type('')}>
                Show all
              </Button>
            </EmptyState>
          ) : (
            <LiveCounts value={liveCounts}>
              <DataTable
                label="Servers"
                columns={COLUMNS}
                rows={data}
                only={shown}
                rowId={({ id }) => id}
                initialSort={{ id: 'name' }}
                {...(administrator && {
                  selection: { ids: selected, onChange: setSelected },
                  selectionLabel: ({ name }: Server) => name,
                })}
              />
            </LiveCounts>
          )}
        </>
      )}
    </Page>
  );
}

/** What the search box offers: kinds of health, types, and the clusters and tags that there are. */
function suggestionsFor(servers: readonly Server[]): string[] {
  const clusters = new Set(servers.map(({ proxyCluster }) => clusterText(proxyCluster)));
  const tags = new Set(servers.flatMap(tagsOf));
  return [
    ...HEALTH_KINDS.map((kind) => `health:${kind}`),
    ...SERVER_TYPES.map((type) => `type:${type}`),
    ...[...clusters].sort().map((name) => `cluster:${name.toLowerCase()}`),
    ...[...tags].sort().map((tag) => `tag:${tag}`),
  ];
}

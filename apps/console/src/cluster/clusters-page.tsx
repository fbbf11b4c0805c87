import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { DEFAULT_CLUSTER } from '@sluice/domain';
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
import { Time } from '../words/time.js';
import { type Cluster, clustersQuery } from './clusters.js';

const COLUMNS: readonly Column<Cluster>[] = [
  {
    id: 'name',
    title: 'Name',
    cell: ({ id, name }) => (
      <TextLink fw={600} className="breakable" to="/clusters/$id" params={{ id }}>
        {name}
      </TextLink>
    ),
    sortBy: ({ name }) => name,
  },
  {
    id: 'workers',
    title: 'Workers online',
    cell: ({ workers, workersOnline }) => `${workersOnline} of ${workers}`,
    sortBy: ({ workersOnline }) => workersOnline,
    align: 'right',
  },
  { id: 'servers', title: 'Servers', cell: ({ servers }) => servers, sortBy: ({ servers }) => servers, align: 'right' },
  {
    id: 'created',
    title: 'Added',
    cell: ({ createdAt }) => <Time at={createdAt} />,
    sortBy: ({ createdAt }) => createdAt,
    from: 'sm',
  },
];

/** The proxy clusters: relays that serve the servers of a network which others cannot reach. */
export function ClustersPage() {
  const administrator = useIsAdministrator();
  const clusters = useQuery(clustersQuery);
  const [adding, { open, close }] = useDisclosure();
  return (
    <Page
      title="Proxy clusters"
      description="Relays of a cluster, its workers, dial the servers of a network that others cannot reach"
      actions={
        <>
          <TextLink to="/clusters/$id" params={{ id: DEFAULT_CLUSTER }}>
            Keys of the default cluster
          </TextLink>
          {administrator && (
            <Button leftSection={<Plus size={16} />} onClick={open}>
              Add cluster
            </Button>
          )}
        </>
      }
    >
      <Read query={clusters} what="the proxy clusters">
        {(data) =>
          data.length === 0 ? (
            <EmptyState title="There are no proxy clusters">
              Servers are reached by the relays of the default cluster. Add a cluster for another network here, or type
              <Command text="sluice admin clusters add NAME" />
            </EmptyState>
          ) : (
            <DataTable label="Proxy clusters" columns={COLUMNS} rows={data} rowId={({ id }) => id} initialSort={{ id: 'name' }} />
          )
        }
      </Read>
      {administrator && <AddCluster opened={adding} onClose={close} />}
    </Page>
  );
}

function AddCluster({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const navigate = useNavigate();
  const add = async (name: string) => {
    const { id } = await unwrap(api.POST('/api/v1/clusters', { body: { name } }));
    await queryClient.invalidateQueries({ queryKey: ['cluster'] });
    await navigate({ to: '/clusters/$id', params: { id } });
  };
  return <AddNamed what="cluster" opened={opened} onClose={onClose} onAdd={add} />;
}

import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { clusterText } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { notifyChange } from '../api/reach.js';
import { DangerButton } from '../layout/confirm.js';
import { Copyable } from '../layout/copyable.js';
import { RenameButton } from '../layout/name-dialogs.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { Bytes, counted } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { AddRelay } from './add-relay.js';
import { DrainNode, UndrainNode } from './drain-node.js';
import { lossWithout } from './loss-without.js';
import { type Node, nodesQuery } from './nodes.js';

const COLORS = { online: 'green', draining: 'yellow', offline: 'red' } as const;

const COLUMNS: readonly Column<Node>[] = [
  {
    id: 'name',
    title: 'Name',
    cell: ({ name }) => <span className="breakable">{name}</span>,
    sortBy: ({ name }) => name,
  },
  {
    id: 'kind',
    title: 'Kind',
    cell: ({ kind, release }) => (
      <>
        {kind}
        <Text size="xs" c="dimmed">
          {release}
        </Text>
      </>
    ),
    sortBy: ({ kind }) => kind,
    from: 'sm',
  },
  {
    id: 'state',
    title: 'State',
    cell: ({ state, drain, upgradeNeeded }) => (
      <>
        <Badge variant="light" color={COLORS[state]} tt="none">
          {state}
        </Badge>
        {typeof upgradeNeeded === 'string' && (
          <Text size="xs" c="red">
            upgrade needed, at least {upgradeNeeded}
          </Text>
        )}
        {drain && (
          <Text size="xs" c="dimmed">
            {drain.deadline === null ? 'drained since ' : 'sessions end '}
            <Time at={drain.deadline ?? drain.since} />
          </Text>
        )}
      </>
    ),
    sortBy: ({ state }) => state,
  },
  {
    id: 'seen',
    title: 'Last seen',
    cell: ({ lastSeenAt, enrolledAt }) => (
      <>
        <Time at={lastSeenAt} none="never" />
        <Text size="xs" c="dimmed">
          enrolled <Time at={enrolledAt} />
        </Text>
      </>
    ),
    sortBy: ({ lastSeenAt }) => lastSeenAt ?? '',
    from: 'sm',
  },
  {
    id: 'sessions',
    title: 'Sessions or links',
    cell: ({ kind, sessions }) => (sessions === null ? '—' : counted(sessions, kind === 'gateway' ? 'link' : 'session')),
    sortBy: ({ sessions }) => sessions ?? 0,
    from: 'sm',
    align: 'right',
  },
  {
    id: 'rate',
    title: 'Bytes a second',
    cell: ({ bytesPerSecond }) => <Bytes count={bytesPerSecond} />,
    sortBy: ({ bytesPerSecond }) => bytesPerSecond ?? 0,
    from: 'md',
    align: 'right',
  },
  {
    id: 'address',
    title: 'Address for agents',
    cell: ({ address, name }) => (address === null ? '—' : <Copyable value={address} what={`the address of ${name}`} />),
    from: 'md',
  },
  {
    id: 'cluster',
    title: 'Proxy cluster',
    cell: ({ kind, proxyCluster }) => (kind === 'relay' ? clusterText(proxyCluster) : '—'),
    sortBy: ({ proxyCluster }) => proxyCluster ?? '',
    from: 'lg',
  },
];

/** Gateways and relays: whether they are there, and how much they carry. */
export function NodesPage() {
  const administrator = useIsAdministrator();
  const nodes = useQuery(nodesQuery);
  const [adding, { open, close }] = useDisclosure();
  const columns = useMemo(
    (): readonly Column<Node>[] =>
      administrator
        ? [
            ...COLUMNS,
            {
              id: 'actions',
              title: 'Actions',
              align: 'right',
              cell: (node) => (
                <Group gap={6} justify="flex-end" className="row-actions">
                  {node.kind === 'relay' && <RenameRelay node={node} />}
                  <DrainNode node={node} nodes={nodes.data ?? []} />
                  {node.drain && <UndrainNode node={node} />}
                  <DeleteNode node={node} nodes={nodes.data ?? []} />
                </Group>
              ),
            },
          ]
        : COLUMNS,
    [administrator, nodes.data],
  );
  return (
    <Page
      title="Nodes"
      description={
        nodes.data &&
        `${counted(nodes.data.filter(({ state }) => state !== 'offline').length, 'node')} of ${nodes.data.length} online`
      }
      actions={
        administrator && (
          <Button leftSection={<Plus size={16} />} onClick={open}>
            Add relay
          </Button>
        )
      }
    >
      <Read query={nodes} what="the nodes">
        {(data) => (
          <DataTable label="Nodes" columns={columns} rows={data} rowId={({ id }) => id} initialSort={{ id: 'name' }} folded />
        )}
      </Read>
      {administrator && <AddRelay opened={adding} onClose={close} />}
    </Page>
  );
}

function RenameRelay({ node: { id, name, version } }: { readonly node: Node }) {
  return (
    <RenameButton
      name={name}
      size="compact-xs"
      onRename={async (renamed) => {
        await unwrap(api.PATCH('/api/v1/nodes/{id}', { params: { path: { id } }, body: { version, name: renamed } }));
        await queryClient.invalidateQueries({ queryKey: ['node'] });
      }}
    />
  );
}

function DeleteNode({ node, nodes }: { readonly node: Node; readonly nodes: readonly Node[] }) {
  const { id, name, kind, version, sessions } = node;
  const loss = lossWithout(node, nodes);
  return (
    <DangerButton
      label="Delete"
      size="compact-xs"
      title={`Delete ${name}?`}
      confirm="Delete node"
      onConfirm={async () => {
        const { reach } = await unwrap(api.DELETE('/api/v1/nodes/{id}', { params: { path: { id }, query: { version } } }));
        await queryClient.invalidateQueries({ queryKey: ['node'] });
        notifyChange(`${name} was deleted`, reach);
      }}
    >
      Its identity is revoked.{' '}
      {sessions !== null &&
        sessions > 0 &&
        `${counted(sessions, kind === 'gateway' ? 'link' : 'live session')} through it ${sessions === 1 ? 'ends' : 'end'} at once. `}
      {loss !== undefined && <strong>{loss}</strong>}
    </DangerButton>
  );
}

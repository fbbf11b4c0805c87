import { Badge, Button, Group, Paper, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { KeyRound, Pencil, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api } from '../api/client.js';
import { notifyProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { FormDialog } from '../layout/form-dialog.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { counted } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { type Cluster, clusterKeysQuery, clusterQuery, type ClusterKey } from './clusters.js';
import { relayCommands } from './relay-commands.js';

/** One proxy cluster, and the keys with which its workers enrol. */
export function ClusterPage() {
  const { id } = useParams({ from: '/signed-in/clusters/$id' });
  const cluster = useQuery(clusterQuery(id));
  return (
    <Page
      title={cluster.data?.name ?? 'Proxy cluster'}
      above={{ title: 'Proxy clusters', to: '/clusters' }}
      description={
        cluster.data &&
        `${cluster.data.workersOnline} of ${counted(cluster.data.workers, 'worker')} online, ${counted(cluster.data.servers, 'server')}`
      }
      actions={cluster.data && <Actions cluster={cluster.data} />}
    >
      <Read query={cluster} what="the proxy cluster">
        {(data) => <Keys cluster={data} />}
      </Read>
    </Page>
  );
}

function Actions({ cluster: { id, name, version } }: { readonly cluster: Cluster }) {
  const administrator = useIsAdministrator();
  const navigate = useNavigate();
  const [renaming, { open, close }] = useDisclosure();
  const [typed, setTyped] = useState(name);
  if (!administrator) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<Pencil size={16} />}
        onClick={() => {
          setTyped(name);
          open();
        }}
      >
        Rename
      </Button>
      <DangerButton
        label="Delete"
        icon={<Trash2 size={16} />}
        title={`Delete ${name}?`}
        confirm="Delete cluster"
        onConfirm={async () => {
          await unwrap(api.DELETE('/api/v1/clusters/{id}', { params: { path: { id }, query: { version } } }));
          await navigate({ to: '/clusters' });
          await queryClient.invalidateQueries({ queryKey: ['cluster'] });
          notifications.show({ message: `${name} was deleted` });
        }}
      >
        Its keys are deleted with it. While servers or workers use it, it cannot be deleted.
      </DangerButton>
      <FormDialog
        opened={renaming}
        onClose={close}
        title={`Rename ${name}`}
        submit="Rename"
        onSubmit={async () => {
          await unwrap(api.PATCH('/api/v1/clusters/{id}', { params: { path: { id } }, body: { version, name: typed } }));
          await queryClient.invalidateQueries({ queryKey: ['cluster'] });
        }}
      >
        <TextInput label="Name" required data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      </FormDialog>
    </>
  );
}

const COLUMNS: readonly Column<ClusterKey>[] = [
  { id: 'created', title: 'Created', cell: ({ createdAt }) => <Time at={createdAt} />, sortBy: ({ createdAt }) => createdAt },
  { id: 'by', title: 'By', cell: ({ createdBy }) => <span className="breakable">{createdBy}</span>, from: 'sm' },
  { id: 'used', title: 'Last used', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="never" /> },
  {
    id: 'state',
    title: 'State',
    cell: ({ revokedAt }) => (
      <Badge variant="light" color={revokedAt === null ? 'green' : 'gray'} tt="none">
        {revokedAt === null ? 'valid' : 'revoked'}
      </Badge>
    ),
    sortBy: ({ revokedAt }) => revokedAt ?? '',
  },
];

function Keys({ cluster: { id, name } }: { readonly cluster: Cluster }) {
  const administrator = useIsAdministrator();
  const keys = useQuery(clusterKeysQuery(id));
  const [secret, setSecret] = useState<Secret>();
  const create = async () => {
    try {
      const { key } = await unwrap(api.POST('/api/v1/cluster-keys', { body: { proxyCluster: id } }));
      await queryClient.invalidateQueries({ queryKey: ['cluster-key'] });
      setSecret({
        title: `Key of ${name}`,
        what: 'the key',
        value: key,
        note: 'Any number of workers enrol with it, until it is revoked.',
        commands: relayCommands(key),
      });
    } catch (error) {
      notifyProblem('No key was created', error);
    }
  };
  const columns = useMemo(
    (): readonly Column<ClusterKey>[] =>
      administrator ? [...COLUMNS, { id: 'revoke', title: 'Actions', align: 'right', cell: Revoke }] : COLUMNS,
    [administrator],
  );
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          Keys
        </Title>
        {administrator && (
          <Button size="xs" variant="light" leftSection={<KeyRound size={14} />} onClick={() => void create()}>
            Create key
          </Button>
        )}
      </Group>
      <Read query={keys} what="the keys">
        {(data) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              There is no key. Workers enrol with one.
            </Text>
          ) : (
            <DataTable label={`Keys of ${name}`} columns={columns} rows={data} rowId={(key) => key.id} />
          )
        }
      </Read>
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </Paper>
  );
}

function Revoke({ id, revokedAt }: ClusterKey) {
  if (revokedAt !== null) return null;
  return (
    <DangerButton
      label="Revoke"
      size="compact-xs"
      title="Revoke this key?"
      confirm="Revoke"
      onConfirm={async () => {
        await unwrap(api.POST('/api/v1/cluster-keys/{id}/revoke', { params: { path: { id } } }));
        await queryClient.invalidateQueries({ queryKey: ['cluster-key'] });
      }}
    >
      Nobody enrols with it any more. Workers that have enrolled stay.
    </DangerButton>
  );
}

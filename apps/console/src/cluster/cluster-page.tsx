import { Badge, Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { DEFAULT_CLUSTER } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { KeyRound, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api } from '../api/client.js';
import { notifyProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Email } from '../layout/email.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { RenameButton } from '../layout/name-dialogs.js';
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
      title={id === DEFAULT_CLUSTER ? 'Default cluster' : (cluster.data?.name ?? 'Proxy cluster')}
      above={{ title: 'Proxy clusters', to: '/clusters' }}
      description={
        cluster.data &&
        `${cluster.data.workersOnline} of ${counted(cluster.data.workers, 'worker')} online, ${counted(cluster.data.servers, 'server')}`
      }
      actions={cluster.data && id !== DEFAULT_CLUSTER && <Actions cluster={cluster.data} />}
    >
      <Read query={cluster} what="the proxy cluster">
        {(data) => <Keys cluster={id === DEFAULT_CLUSTER ? { ...data, name: 'the default cluster' } : data} />}
      </Read>
    </Page>
  );
}

function Actions({ cluster: { id, name, version } }: { readonly cluster: Cluster }) {
  const administrator = useIsAdministrator();
  const navigate = useNavigate();
  if (!administrator) return null;
  return (
    <>
      <RenameButton
        name={name}
        onRename={async (renamed) => {
          await unwrap(api.PATCH('/api/v1/clusters/{id}', { params: { path: { id } }, body: { version, name: renamed } }));
          await queryClient.invalidateQueries({ queryKey: ['cluster'] });
        }}
      />
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
    </>
  );
}

/** Whether relays can enrol with a key, in words, and their colour. */
function stateOf({ revokedAt, authority }: ClusterKey): [string, string] {
  if (revokedAt !== null) return ['revoked', 'gray'];
  if (authority === 'retired') return ['refused: its authority is retired', 'gray'];
  return authority === 'former' ? ['valid until its authority is retired', 'orange'] : ['valid', 'green'];
}

const COLUMNS: readonly Column<ClusterKey>[] = [
  { id: 'created', title: 'Created', cell: ({ createdAt }) => <Time at={createdAt} />, sortBy: ({ createdAt }) => createdAt },
  { id: 'by', title: 'By', cell: ({ createdBy }) => <Email address={createdBy} />, from: 'sm' },
  { id: 'used', title: 'Last used', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="never" /> },
  {
    id: 'state',
    title: 'State',
    cell: (key) => {
      const [text, color] = stateOf(key);
      return (
        <Badge variant="light" color={color} tt="none">
          {text}
        </Badge>
      );
    },
    sortBy: (key) => stateOf(key)[0],
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
        note: 'Any number of relays enrol with it, until it is revoked.',
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
    <Section
      title="Keys"
      actions={
        administrator && (
          <Button size="xs" variant="light" leftSection={<KeyRound size={14} />} onClick={() => void create()}>
            Create key
          </Button>
        )
      }
    >
      <Read query={keys} what="the keys">
        {(data) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              There is no key. Any number of relays enrol with one.
            </Text>
          ) : (
            <DataTable label={`Keys of ${name}`} columns={columns} rows={data} rowId={(key) => key.id} folded />
          )
        }
      </Read>
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </Section>
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

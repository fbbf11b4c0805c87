import { Select, Text, TextInput } from '@mantine/core';
import { DEFAULT_CLUSTER } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.js';
import { clustersQuery } from '../cluster/clusters.js';
import { FormDialog } from '../layout/form-dialog.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { exactTime } from '../words/moment.js';
import { relayCommands } from '../cluster/relay-commands.js';

/** Makes the one-time token with which a relay enrols, and shows the commands that start it. */
export function AddRelay({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const clusters = useQuery(clustersQuery);
  const [name, setName] = useState('');
  const [cluster, setCluster] = useState('');
  const [secret, setSecret] = useState<Secret>();
  const create = async () => {
    const made = await unwrap(
      api.POST('/api/v1/nodes/tokens', {
        body: { ...(name.trim() !== '' && { name: name.trim() }), ...(cluster !== '' && { proxyCluster: cluster }) },
      }),
    );
    setName('');
    setSecret({
      title: `Token for the relay ${made.name}`,
      what: 'the token',
      value: made.token,
      note: `One relay enrols with it, once, until ${exactTime(made.expiresAt)}.`,
      commands: relayCommands(made.token),
    });
  };
  return (
    <>
      <FormDialog opened={opened} onClose={onClose} title="Add relay" submit="Create token" onSubmit={create}>
        <Text size="sm" c="dimmed">
          A relay runs where the servers can be reached. It needs no open port: it connects to the gateways.
        </Text>
        <TextInput
          label="Name"
          description="If empty, one is assigned"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Proxy cluster"
          data={[
            { value: '', label: DEFAULT_CLUSTER },
            ...(clusters.data ?? []).map((one) => ({ value: one.name, label: one.name })),
          ]}
          allowDeselect={false}
          value={cluster}
          onChange={(value) => setCluster(value ?? '')}
        />
      </FormDialog>
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

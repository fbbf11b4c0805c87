import { Accordion, Checkbox, NumberInput, SegmentedControl, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { clustersQuery } from '../cluster/clusters.js';
import type { Settings } from '../settings/settings.js';
import { hasInput, OWN_NUMBERS, OWN_TITLES, SERVER_LABELS, type ServerForm } from './server-form.js';

const NO_CLUSTER = 'None (use gateways)';

/** The fields of a server, in the order of the form. Address fields are shown where the organization's network has a choice. */
export function ServerFields({
  form,
  settings,
  readOnly = false,
}: {
  readonly form: UseFormReturnType<ServerForm>;
  readonly settings: Settings;
  /** Whether they are only read: then nothing is folded up, because its button is disabled like every field. */
  readonly readOnly?: boolean;
}) {
  const clusters = useQuery(clustersQuery);
  const mode = form.values.connectivityMode;
  const virtual = mode === 'virtual-network';
  return (
    <Stack>
      <TextInput
        label="Display name"
        required
        description={`Meaningful to people; none of the characters " ' < >`}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput label="Server type" value="TCP" readOnly description="A single TCP port, passed through as it is" />
      <Select
        label={SERVER_LABELS.proxyCluster}
        required
        description="Its relays dial the server. None (use gateways): those of the default cluster"
        data={[{ value: '', label: NO_CLUSTER }, ...(clusters.data ?? []).map(({ name }) => ({ value: name, label: name }))]}
        allowDeselect={false}
        searchable
        {...form.getInputProps('proxyCluster')}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="Hostname"
          required
          description="What the relay dials: an IP address or a DNS name"
          placeholder="db.internal.example.com"
          {...form.getInputProps('hostname')}
        />
        <TextInput
          label="Port"
          required
          inputMode="numeric"
          description="Exactly one port; services that use several, such as Kafka or cluster modes, do not work"
          {...form.getInputProps('port')}
        />
      </SimpleGrid>
      {settings.virtualNetworking && (
        <div>
          <Text size="sm" fw={500} id="mode-label">
            Connectivity mode
          </Text>
          <Text size="xs" c="dimmed" mb={6}>
            Loopback: at an address of the user's own machine. Virtual network: at an address of {settings.virtualSubnet}; agents
            do not serve it yet.
          </Text>
          <SegmentedControl
            aria-labelledby="mode-label"
            data={[
              { value: 'loopback', label: 'Loopback' },
              { value: 'virtual-network', label: 'Virtual network' },
            ]}
            {...form.getInputProps('connectivityMode')}
          />
        </div>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {hasInput('bindAddress', form.values, settings) && (
          <TextInput
            label={SERVER_LABELS.bindAddress}
            description={`An address of ${virtual ? settings.virtualSubnet : settings.loopbackRange}; empty: a free one is assigned`}
            {...form.getInputProps('bindAddress')}
          />
        )}
        <TextInput
          label={SERVER_LABELS.portOverride}
          inputMode="numeric"
          description={virtual ? "1 to 65535; empty: the server's own port" : '1024 to 64999; empty: a free one is assigned'}
          {...form.getInputProps('portOverride')}
        />
      </SimpleGrid>
      {hasInput('dns', form.values, settings) && (
        <TextInput
          label="DNS"
          description="A name shown in place of the address: the server's own hostname, or one in a DNS zone of the organization"
          {...form.getInputProps('dns')}
        />
      )}
      <TextInput
        label="Resource tags"
        description="key=value, with commas between them"
        placeholder="env=dev, team=payments"
        {...form.getInputProps('tags')}
      />
      <Accordion variant="contained" defaultValue={readOnly ? 'settings' : null}>
        <Accordion.Item value="settings">
          <Accordion.Control>Checks, times and limits of this server</Accordion.Control>
          <Accordion.Panel>
            <Stack>
              <Select
                label="Checks"
                description="How relays check a server that has no sessions"
                data={[
                  { value: 'connect', label: 'Connect' },
                  { value: 'greeting', label: 'Wait for greeting: SSH, SMTP, MySQL and others that speak first' },
                  { value: 'off', label: 'Off: only sessions show its health' },
                ]}
                allowDeselect={false}
                {...form.getInputProps('check')}
              />
              <Text size="sm" c="dimmed">
                Empty: the organization's value, which the field shows.
              </Text>
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                {OWN_NUMBERS.map((name) => (
                  <NumberInput
                    key={name}
                    label={OWN_TITLES[name].title}
                    description={OWN_TITLES[name].hint}
                    placeholder={String(settings[name])}
                    hideControls
                    {...form.getInputProps(`settings.${name}`)}
                    onChange={(value) => form.setFieldValue(`settings.${name}`, String(value))}
                  />
                ))}
                <Select
                  label={SERVER_LABELS.noDelay}
                  description="Small writes are sent immediately"
                  data={[
                    { value: '', label: `As the organization (${settings.noDelay ? 'on' : 'off'})` },
                    { value: 'on', label: 'On' },
                    { value: 'off', label: 'Off' },
                  ]}
                  allowDeselect={false}
                  {...form.getInputProps('settings.noDelay')}
                />
              </SimpleGrid>
              <Checkbox
                label={SERVER_LABELS.proxyProtocol}
                description="Sends the client's address to the server; only for servers that expect it"
                {...form.getInputProps('proxyProtocol', { type: 'checkbox' })}
              />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

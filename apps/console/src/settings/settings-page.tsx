import {
  Alert,
  Button,
  Group,
  NumberInput,
  Paper,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../api/client.js';
import { fieldProblem, isConflict, messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { EditConflict } from '../layout/edit-conflict.js';
import { OnlyAdministrators } from '../layout/only-administrators.js';
import { useIsAdministrator } from '../login/account.js';
import { labelled } from '../words/labelled.js';
import { AddressUse } from './address-use.js';
import { ConfirmRetention } from './confirm-retention.js';
import { HoldsSection } from './holds-section.js';
import { RetentionFields } from './retention-fields.js';
import { type Settings, settingsQuery } from './settings.js';
import {
  changesOf,
  defaultOf,
  formOf,
  isNumberField,
  LIMIT_SETTINGS,
  SETTING_LABELS,
  type SettingsForm,
  shortened,
  validateSettings,
} from './settings-form.js';

/** The organization's settings: networking, timeouts and limits, how long evidence is kept, and what is held. */
export function SettingsPage() {
  const settings = useQuery(settingsQuery);
  return (
    <Page title="Settings" description="They apply to the whole organization; changes also apply to running sessions">
      <Read query={settings} what="the settings">
        {(data) => (
          <Stack>
            <Form settings={data} />
            <HoldsSection />
          </Stack>
        )}
      </Read>
    </Page>
  );
}

function Form({ settings }: { readonly settings: Settings }) {
  const administrator = useIsAdministrator();
  /** The settings as they were when this form began: what is typed is a change of that. */
  const [base, setBase] = useState(settings);
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  /** Whether a shorter retention is to be confirmed. */
  const [asking, setAsking] = useState(false);
  const form = useForm<SettingsForm>({ initialValues: formOf(base), validate: validateSettings, validateInputOnBlur: true });
  const changed = Object.keys(changesOf(form.values, base)).length > 0;
  const begin = (from: Settings) => {
    setBase(from);
    form.setValues(formOf(from));
    setFailure(undefined);
  };
  const newer = settings.version > base.version ? settings : undefined;
  useEffect(() => {
    if (newer && !changed) begin(newer);
  });

  const save = async (values: SettingsForm) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { reach: _, ...saved } = await unwrap(
        api.PATCH('/api/v1/settings', { body: { version: base.version, ...changesOf(values, base) } }),
      );
      begin(saved);
      queryClient.setQueryData(settingsQuery.queryKey, saved);
      notifications.show({ color: 'green', message: 'The settings were saved' });
    } catch (error) {
      const problem = fieldProblem(error);
      const message = labelled(messageOf(error), SETTING_LABELS);
      if (isConflict(error)) await queryClient.invalidateQueries({ queryKey: settingsQuery.queryKey });
      else if (problem && isNumberField(problem.field)) form.setFieldError(`numbers.${problem.field}`, message);
      else if (problem && problem.field in values) form.setFieldError(problem.field, message);
      else setFailure(message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={form.onSubmit((values) => (shortened(values, base).length > 0 ? setAsking(true) : void save(values)))}
      noValidate
    >
      {!administrator && <OnlyAdministrators />}
      <fieldset disabled={!administrator} className="plain-fieldset">
        <Stack>
          <Paper withBorder p="lg">
            <Title order={2} size="h4" mb="sm">
              Networking
            </Title>
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Stack>
                <TextInput
                  label={SETTING_LABELS['loopbackRange']}
                  description="Where clients find servers on their own machine: an address of 127.0.0.0/8, or a block of it (multi-loopback)"
                  {...form.getInputProps('loopbackRange')}
                />
                <Switch
                  label={SETTING_LABELS['virtualNetworking']}
                  description="Lets servers have an address of the virtual subnet. Agents do not serve it yet."
                  {...form.getInputProps('virtualNetworking', { type: 'checkbox' })}
                />
                <TextInput
                  label={SETTING_LABELS['virtualSubnet']}
                  description="A block of private or shared addresses"
                  {...form.getInputProps('virtualSubnet')}
                />
                <TagsInput
                  label={SETTING_LABELS['dnsZones']}
                  description="Zones in which servers of the virtual network may have names; Enter adds one"
                  clearable
                  {...form.getInputProps('dnsZones')}
                />
              </Stack>
              <AddressUse settings={base} />
            </SimpleGrid>
          </Paper>
          <Paper withBorder p="lg">
            <Title order={2} size="h4">
              Times and limits
            </Title>
            <Text size="sm" c="dimmed" mb="sm">
              A server may have its own value of the first seven, and of TCP no delay.
            </Text>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {LIMIT_SETTINGS.map(({ name, title, hint }) => (
                <NumberInput
                  key={name}
                  label={title}
                  description={`${hint} (default ${defaultOf(name)})`}
                  hideControls
                  {...form.getInputProps(`numbers.${name}`)}
                  onChange={(value) => form.setFieldValue(`numbers.${name}`, String(value))}
                />
              ))}
            </SimpleGrid>
            <Switch
              mt="md"
              label={SETTING_LABELS['noDelay']}
              description="Small writes are sent immediately, at both ends of a session (default on)"
              {...form.getInputProps('noDelay', { type: 'checkbox' })}
            />
          </Paper>
          <RetentionFields form={form} settings={base} />
        </Stack>
      </fieldset>
      {newer && changed && (
        <EditConflict
          what="the settings"
          before={flat(formOf(base))}
          theirs={flat(formOf(newer))}
          mine={flat(form.values)}
          onTake={() => begin(newer)}
          onKeep={() => setBase(newer)}
        />
      )}
      <ConfirmRetention
        dropped={shortened(form.values, base)}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          void save(form.values);
        }}
      />
      {failure !== undefined && (
        <Alert color="red" mt="md" role="alert">
          {failure}
        </Alert>
      )}
      {administrator && (
        <Group justify="flex-end" mt="md">
          <Button variant="default" disabled={!changed} onClick={() => begin(base)}>
            Discard
          </Button>
          <Button type="submit" loading={busy} disabled={!changed || newer !== undefined}>
            Save
          </Button>
        </Group>
      )}
    </form>
  );
}

const flat = ({ numbers, ...form }: SettingsForm): Record<string, string> =>
  Object.fromEntries(Object.entries({ ...form, ...numbers }).map(([name, value]) => [name, String(value)]));

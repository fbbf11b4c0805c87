import { Alert, Button, Group, Loader, Paper, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.js';
import { fieldProblem, messageOf, Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { NotForYou } from '../layout/not-for-you.js';
import { Page } from '../layout/page.js';
import { useIsAdministrator } from '../login/account.js';
import { type Settings, settingsQuery } from '../settings/settings.js';
import { ServerFields } from './server-fields.js';
import { labelled } from '../words/labelled.js';
import { bodyOf, emptyForm, hasInput, SERVER_LABELS, type ServerForm, validateServer } from './server-form.js';
import { clientAddress } from './servers.js';

/** Adds a server. */
export function AddServerPage() {
  const administrator = useIsAdministrator();
  const { data: settings, error, refetch } = useQuery(settingsQuery);
  if (!administrator) return <NotForYou title="Add server" who="administrators" />;
  return (
    <Page title="Add server" above={{ title: 'Servers', to: '/servers' }}>
      {settings ? (
        <Form settings={settings} />
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <Loader aria-label="Loading the settings" />
      )}
    </Page>
  );
}

function Form({ settings }: { readonly settings: Settings }) {
  const navigate = useNavigate();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: emptyForm(),
    validate: (values) => validateServer(values, settings),
    validateInputOnBlur: true,
  });
  const add = async (values: ReturnType<typeof emptyForm>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const server = await unwrap(api.POST('/api/v1/servers', { body: { type: 'tcp', ...bodyOf(values) } }));
      notifications.show({
        color: 'green',
        title: `${server.name} was added`,
        message: `Clients find it at ${clientAddress(server)}. It is unhealthy until the first check succeeds.`,
      });
      await navigate({ to: '/servers/$id', params: { id: server.id } });
      await queryClient.invalidateQueries({ queryKey: ['server'] }); // not before, because the form would ask once more what it would be given
    } catch (error) {
      const problem = fieldProblem(error);
      if (problem && hasInput(problem.field, values, settings)) form.setFieldError(problem.field, problem.message);
      else setFailure(labelled(messageOf(error), SERVER_LABELS));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper withBorder p="lg" maw={760}>
      <form onSubmit={form.onSubmit((values) => void add(values))} noValidate>
        <ServerFields form={form} settings={settings} />
        <Place values={form.values} settings={settings} />
        {failure !== undefined && (
          <Alert color="red" mt="md" role="alert">
            {failure}
          </Alert>
        )}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" renderRoot={(props) => <Link to="/servers" {...props} />}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Add server
          </Button>
        </Group>
      </form>
    </Paper>
  );
}

/** Milliseconds without a key after which the server is asked what it would assign. */
const PAUSE_MS = 400;

/** Where clients would find the server: the registry checks the form without adding anything. */
function Place({ values, settings }: { readonly values: ServerForm; readonly settings: Settings }) {
  const [asked] = useDebouncedValue(values, PAUSE_MS);
  const complete = Object.keys(validateServer(asked, settings)).length === 0;
  const { data, error } = useQuery({
    queryKey: ['server', 'preview', asked],
    queryFn: () => unwrap(api.POST('/api/v1/servers/preview', { body: { type: 'tcp', ...bodyOf(asked) } })),
    enabled: complete,
    placeholderData: keepPreviousData,
  });
  return (
    <Text size="sm" mt="md" aria-live="polite">
      {!complete ? (
        <Text span c="dimmed">
          Where clients find it is shown here as soon as the form is complete.
        </Text>
      ) : error !== null ? (
        <Text span c="red">
          {messageOf(error)}
        </Text>
      ) : (
        data && (
          <>
            Clients will find it at <span className="mono">{clientAddress(data)}</span>
          </>
        )
      )}
    </Text>
  );
}

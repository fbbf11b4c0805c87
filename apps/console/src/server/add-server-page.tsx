import { Alert, Button, Group, Loader, Paper } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
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
import { bodyOf, emptyForm, validateServer } from './server-form.js';
import { clientAddress } from './servers.js';

/** Adds a server. */
export function AddServerPage() {
  const administrator = useIsAdministrator();
  const { data: settings, error, refetch } = useQuery(settingsQuery);
  if (!administrator) return <NotForYou title="Add server" who="administrators" />;
  return (
    <Page title="Add server" above={{ title: 'Servers', to: '/servers' }}>
      {settings ? <Form settings={settings} /> : error ? <Problem error={error} retry={() => void refetch()} /> : <Loader />}
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
      await queryClient.invalidateQueries({ queryKey: ['server'] });
      notifications.show({
        color: 'green',
        title: `${server.name} was added`,
        message: `Clients find it at ${clientAddress(server)}. It is unhealthy until the first check succeeds.`,
      });
      await navigate({ to: '/servers/$id', params: { id: server.id } });
    } catch (error) {
      const problem = fieldProblem(error);
      if (problem && problem.field in values) form.setFieldError(problem.field, problem.message);
      else setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper withBorder p="lg" maw={760}>
      <form onSubmit={form.onSubmit((values) => void add(values))} noValidate>
        <ServerFields form={form} settings={settings} />
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

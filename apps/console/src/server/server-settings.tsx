import { Alert, Button, Group, Loader, Paper, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../api/client.js';
import { fieldProblem, isConflict, messageOf, Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { EditConflict } from '../layout/edit-conflict.js';
import { OnlyAdministrators } from '../layout/only-administrators.js';
import { useIsAdministrator } from '../login/account.js';
import { type Settings, settingsQuery } from '../settings/settings.js';
import { ServerFields } from './server-fields.js';
import { labelled } from '../words/labelled.js';
import { bodyOf, formOf, hasInput, SERVER_LABELS, type ServerForm, validateServer } from './server-form.js';
import { type Server, serverQuery } from './servers.js';

/** The settings of a server: to read for auditors, to change for administrators. */
export function ServerSettings({ server }: { readonly server: Server }) {
  const { data: settings, error, refetch } = useQuery(settingsQuery);
  if (settings) return <Form server={server} settings={settings} />;
  return error ? <Problem error={error} retry={() => void refetch()} /> : <Loader aria-label="Loading the settings" />;
}

function Form({ server, settings }: { readonly server: Server; readonly settings: Settings }) {
  const administrator = useIsAdministrator();
  /** The server as it was when this form began: what is typed is a change of that. */
  const [base, setBase] = useState(server);
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useForm<ServerForm>({
    initialValues: formOf(base),
    validate: (values) => validateServer(values, settings),
    validateInputOnBlur: true,
  });
  const begin = (from: Server) => {
    setBase(from);
    form.setInitialValues(formOf(from));
    form.setValues(formOf(from));
    form.resetDirty(formOf(from));
    setFailure(undefined);
  };
  const dirty = form.isDirty();
  const newer = server.version > base.version ? server : undefined;
  useEffect(() => {
    if (newer && !dirty) begin(newer);
  });

  const save = async (values: ServerForm) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { reach: _, ...changed } = await unwrap(
        api.PATCH('/api/v1/servers/{id}', {
          params: { path: { id: base.id } },
          body: { version: base.version, ...bodyOf(values) },
        }),
      );
      begin(changed);
      queryClient.setQueryData(serverQuery(base.id).queryKey, changed);
      await queryClient.invalidateQueries({ queryKey: ['server', 'list'] });
      notifications.show({ color: 'green', message: `${changed.name} was changed` });
    } catch (error) {
      const problem = fieldProblem(error);
      if (isConflict(error)) await queryClient.invalidateQueries({ queryKey: serverQuery(base.id).queryKey });
      else if (problem && hasInput(problem.field, values, settings)) form.setFieldError(problem.field, problem.message);
      else setFailure(labelled(messageOf(error), SERVER_LABELS));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Paper withBorder p="lg" maw={760}>
      {!administrator && <OnlyAdministrators />}
      <form onSubmit={form.onSubmit((values) => void save(values))} noValidate>
        <fieldset disabled={!administrator} className="plain-fieldset">
          <ServerFields form={form} settings={settings} readOnly={!administrator} />
        </fieldset>
        {newer && dirty && (
          <EditConflict
            what="this server"
            before={flat(formOf(base))}
            theirs={flat(formOf(newer))}
            mine={flat(form.values)}
            onTake={() => begin(newer)}
            onKeep={() => setBase(newer)}
          />
        )}
        {failure !== undefined && (
          <Alert color="red" mt="md" role="alert">
            {failure}
          </Alert>
        )}
        {administrator && (
          <Group justify="flex-end" mt="lg">
            <Text size="xs" c="dimmed" mr="auto">
              Version {base.version}
            </Text>
            <Button variant="default" disabled={!dirty} onClick={() => begin(base)}>
              Discard
            </Button>
            <Button type="submit" loading={busy} disabled={!dirty || newer !== undefined}>
              Save
            </Button>
          </Group>
        )}
      </form>
    </Paper>
  );
}

const flat = ({ settings, ...form }: ServerForm): Record<string, string> =>
  Object.fromEntries(Object.entries({ ...form, ...settings }).map(([name, value]) => [name, String(value)]));

import { Button, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { Tags, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client.js';
import { messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { FormDialog } from '../layout/form-dialog.js';
import { liveCountsQuery } from '../session/sessions.js';
import { counted, countText } from '../words/quantity.js';
import { changedTags, readTagChange } from './change-tags.js';
import type { Server } from './servers.js';

/** How many failures are named. */
const MOST_FAILURES = 5;

interface Selected {
  readonly servers: readonly Server[];
  readonly onDone: () => void;
}

/** Names of servers, as many as fit. */
const Names = ({ servers }: { readonly servers: readonly Server[] }) => (
  <ul className="plain-list">
    {servers.slice(0, 10).map(({ id, name }) => (
      <li key={id} className="breakable">
        {name}
      </li>
    ))}
    {servers.length > 10 && <li>and {servers.length - 10} more</li>}
  </ul>
);

/**
 * Does something with each of several servers, one after another, and reads them again.
 * @returns for how many it was done @throws Error that says for how many it was, and for which it was not and why
 */
async function withEach(
  servers: readonly Server[],
  done: (count: string) => string,
  act: (server: Server) => Promise<boolean>,
): Promise<number> {
  const failed: string[] = [];
  let count = 0;
  for (const server of servers) {
    try {
      if (await act(server)) count++;
    } catch (error) {
      failed.push(`${server.name}: ${messageOf(error)}`);
    }
  }
  await queryClient.invalidateQueries({ queryKey: ['server'] });
  if (failed.length > 0) {
    const named = failed.slice(0, MOST_FAILURES).join('; ');
    const more = failed.length > MOST_FAILURES ? ` and ${failed.length - MOST_FAILURES} more` : '';
    throw new Error(`${done(counted(count, 'server'))}. ${counted(failed.length, 'server')} failed: ${named}${more}`);
  }
  return count;
}

/** Deletes the servers that are selected. */
export function DeleteServers({ servers, onDone }: Selected) {
  const { data: live } = useQuery(liveCountsQuery);
  const running = servers.reduce((sum, { id }) => sum + (live?.get(id) ?? 0), 0);
  const says = (count: string) => `Deleted ${count}`;
  const remove = async () => {
    const count = await withEach(servers, says, async ({ id, version }) => {
      await unwrap(api.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
      return true;
    });
    notifications.show({ message: says(counted(count, 'server')) });
    onDone();
  };
  return (
    <DangerButton
      label={`Delete ${counted(servers.length, 'server')}`}
      icon={<Trash2 size={16} />}
      title={`Delete ${counted(servers.length, 'server')}?`}
      confirm="Delete"
      onConfirm={remove}
    >
      <Text size="sm" mb="xs">
        Their live sessions end at once{live && ` (${running === 0 ? 'none' : countText(running)} now)`}, and their addresses are
        free for others. The records of their sessions stay.
      </Text>
      <Names servers={servers} />
    </DangerButton>
  );
}

/** Adds tags to the servers that are selected, or removes some. Each is changed from the version that is shown. */
export function EditTags({ servers, onDone }: Selected) {
  const [opened, setOpened] = useState(false);
  const [set, setSet] = useState('');
  const [remove, setRemove] = useState('');
  const says = (count: string) => `Changed the tags of ${count}`;
  const change = async () => {
    const asked = readTagChange(set, remove);
    const count = await withEach(servers, says, async ({ id, version, tags: before }) => {
      const tags = changedTags(before, asked);
      if (tags === undefined) return false;
      await unwrap(api.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body: { version, tags } }));
      return true;
    });
    const unchanged = servers.length - count;
    notifications.show({
      message: `${says(counted(count, 'server'))}${unchanged === 0 ? '' : `; ${counted(unchanged, 'server')} had them already`}`,
    });
    setSet('');
    setRemove('');
    onDone();
  };
  return (
    <>
      <Button variant="light" leftSection={<Tags size={16} />} onClick={() => setOpened(true)}>
        Edit tags of {counted(servers.length, 'server')}
      </Button>
      <FormDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Edit tags of ${counted(servers.length, 'server')}`}
        submit="Change tags"
        onSubmit={change}
      >
        <TextInput
          label="Add"
          description="key=value, with commas between them; a tag of the same key is replaced"
          value={set}
          onChange={(event) => setSet(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Remove"
          description="Keys, with commas between them"
          value={remove}
          onChange={(event) => setRemove(event.currentTarget.value)}
        />
        <Names servers={servers} />
      </FormDialog>
    </>
  );
}

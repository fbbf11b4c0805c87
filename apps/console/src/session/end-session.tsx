import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import type { Session } from './sessions.js';

/** Ends a running session, with the reason that its record will show. */
export function EndSession({ session: { id, account, resource } }: { readonly session: Session }) {
  const [opened, setOpened] = useState(false);
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const end = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { ended } = await unwrap(
        api.POST('/api/v1/sessions/{id}/end', { params: { path: { id } }, body: why.trim() === '' ? {} : { why: why.trim() } }),
      );
      setOpened(false);
      notifications.show({ message: ended ? 'The session was ended' : 'The session had ended already' });
      await queryClient.invalidateQueries({ queryKey: ['session'] });
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button color="red" variant="light" size="compact-xs" onClick={() => setOpened(true)}>
        End
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title="End this session?"
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <Text size="sm" className="breakable">
            The connection of {account.email ?? account.id} to {resource.name ?? resource.id} is closed at once.
          </Text>
          <TextInput
            label="Reason"
            description="Kept in the session's record"
            maxLength={500}
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            data-autofocus
          />
          {failure !== undefined && (
            <Text size="sm" c="red" role="alert">
              {failure}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpened(false)}>
              Cancel
            </Button>
            <Button color="red" loading={busy} onClick={() => void end()}>
              End session
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

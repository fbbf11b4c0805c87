import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { useSubmission } from '../layout/use-submission.js';
import type { Session } from './sessions.js';

/** Ends a running session, with the reason that its record will show. */
export function EndSession({
  session: { id, account, resource },
  size = 'compact-xs',
  label = 'End',
}: {
  readonly session: Session;
  readonly size?: 'sm' | 'compact-xs';
  readonly label?: string;
}) {
  const [opened, setOpened] = useState(false);
  const [why, setWhy] = useState('');
  const end = async () => {
    const { ended } = await unwrap(
      api.POST('/api/v1/sessions/{id}/end', { params: { path: { id } }, body: why.trim() === '' ? {} : { why: why.trim() } }),
    );
    notifications.show({ message: ended ? 'The session was ended' : 'The session had ended already' });
    await queryClient.invalidateQueries({ queryKey: ['session'] });
  };
  const { busy, problem, run, close } = useSubmission(opened, end, () => setOpened(false));
  return (
    <>
      <Button color="red" variant="light" size={size} onClick={() => setOpened(true)}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title="End this session?" centered closeButtonProps={{ 'aria-label': 'Close' }}>
        <Stack>
          <Text size="sm" className="breakable">
            The connection of {account.email ?? account.id} to {resource.name ?? resource.id} is closed at once.
          </Text>
          <TextInput
            label="Reason"
            description="Stored in the session's record"
            maxLength={500}
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            data-autofocus
          />
          {problem}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button color="red" loading={busy} onClick={run}>
              End session
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

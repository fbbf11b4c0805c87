import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useNavigate } from '@tanstack/react-router';
import { History, KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { FormDialog } from '../layout/form-dialog.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { counted } from '../words/quantity.js';
import { shownCredentials } from './shown-credentials.js';
import type { SiemReader } from './siem-readers.js';
import { readStart, type Start } from './start.js';
import { StartFields } from './start-fields.js';

const changed = () =>
  queryClient.invalidateQueries({ predicate: ({ queryKey }) => ['siem-reader', 'delivery'].includes(String(queryKey[0])) });

/** What an administrator can do with a reader. */
export function ReaderActions({ reader }: { readonly reader: SiemReader }) {
  return (
    <>
      <Replay reader={reader} />
      <Rotate reader={reader} />
      <Delete reader={reader} />
    </>
  );
}

function Replay({ reader: { id, name, version, format } }: { readonly reader: SiemReader }) {
  const [opened, { open, close }] = useDisclosure();
  const [start, setStart] = useState<Start>({ kind: 'time', time: '', number: '' });
  const replay = async () => {
    const from = readStart(start);
    if (!from.ok) throw new Error(from.refusal.message);
    const { delivery } = await unwrap(
      api.POST('/api/v1/siem-readers/{id}/replay', { params: { path: { id } }, body: { version, ...from.value } }),
    );
    await changed();
    const waiting =
      delivery === null ? '' : `: ${counted(delivery.waiting, 'event')} ${delivery.waiting === 1 ? 'waits' : 'wait'} for it`;
    notifications.show({ message: `${name} begins again${waiting}` });
  };
  return (
    <>
      <Button variant="default" leftSection={<History size={16} />} onClick={open}>
        Replay
      </Button>
      <FormDialog opened={opened} onClose={close} title={`Replay events to ${name}`} submit="Replay" onSubmit={replay}>
        <Text size="sm">
          It leaves the place where it is, and receives all events from there on, whether or not it had them. Its credentials
          stay. Restart the reader afterwards.
        </Text>
        <StartFields
          label="It begins again with the events from"
          format={format}
          kinds={['time', 'number']}
          value={start}
          onChange={setStart}
        />
      </FormDialog>
    </>
  );
}

function Rotate({ reader: { id, name, version } }: { readonly reader: SiemReader }) {
  const [secret, setSecret] = useState<Secret>();
  const rotate = async () => {
    const made = await unwrap(api.POST('/api/v1/siem-readers/{id}/rotate', { params: { path: { id } }, body: { version } }));
    await changed();
    setSecret(shownCredentials(made));
  };
  return (
    <>
      <DangerButton
        label="Rotate credentials"
        icon={<KeyRound size={16} />}
        title={`Replace the credentials of ${name}?`}
        confirm="Replace credentials"
        onConfirm={rotate}
      >
        The present credentials receive nothing more. The new ones have another consumer and inbox prefix, and continue with the
        first event that was not acknowledged.
      </DangerButton>
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function Delete({ reader: { id, name, version, delivery } }: { readonly reader: SiemReader }) {
  const navigate = useNavigate();
  const left = delivery === null ? 0 : delivery.waiting + delivery.unacknowledged;
  const remove = async () => {
    await unwrap(api.DELETE('/api/v1/siem-readers/{id}', { params: { path: { id }, query: { version } } }));
    await navigate({ to: '/siem-readers' });
    await changed();
    notifications.show({ message: `${name} was deleted` });
  };
  return (
    <DangerButton label="Delete" icon={<Trash2 size={16} />} title={`Delete ${name}?`} confirm="Delete reader" onConfirm={remove}>
      This cannot be undone. Its credentials receive nothing more, and the place where it was is forgotten
      {left > 0 && `: ${counted(left, 'event')} that it has not acknowledged ${left === 1 ? 'is' : 'are'} not delivered to it`}.
      All events stay in the database.
    </DangerButton>
  );
}

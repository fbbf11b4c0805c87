import { NativeSelect, Text, TextInput } from '@mantine/core';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { FormDialog } from '../layout/form-dialog.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { shownCredentials } from './shown-credentials.js';
import { FORMATS, type SiemReader } from './siem-readers.js';
import { readStart, splitSubjects, type Start } from './start.js';
import { StartFields } from './start-fields.js';

const NOW: Start = { kind: 'now', time: '', number: '' };

/** Creates a reader, and shows its credentials once. */
export function CreateReader({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [format, setFormat] = useState<SiemReader['format']>('cloudevents');
  const [subjects, setSubjects] = useState('');
  const [start, setStart] = useState(NOW);
  const [secret, setSecret] = useState<Secret>();
  const create = async () => {
    const from = readStart(start);
    if (!from.ok) throw new Error(from.refusal.message);
    const body = { name: name.trim(), format, subjects: splitSubjects(subjects), ...from.value };
    const made = await unwrap(api.POST('/api/v1/siem-readers', { body }));
    await queryClient.invalidateQueries({ queryKey: ['siem-reader'] });
    setName('');
    setFormat('cloudevents');
    setSubjects('');
    setStart(NOW);
    setSecret(shownCredentials(made));
  };
  return (
    <>
      <FormDialog opened={opened} onClose={onClose} title="Create SIEM reader" submit="Create reader" onSubmit={create}>
        <Text size="sm" c="dimmed">
          A SIEM receives every audit event through NATS, from a place that the server keeps for it.
        </Text>
        <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <NativeSelect
          label="Format"
          data={FORMATS}
          value={format}
          onChange={(event) => {
            const chosen = FORMATS.find(({ value }) => value === event.currentTarget.value);
            if (chosen) setFormat(chosen.value);
          }}
        />
        <TextInput
          label="Subjects"
          description={
            <>
              Which events, as NATS subjects such as{' '}
              {format === 'ocsf' ? <>siem.v1.ocsf.network_activity.&gt;</> : <>audit.v1.session.&gt;</>} with commas between them.
              Empty: all of them
            </>
          }
          value={subjects}
          onChange={(event) => setSubjects(event.currentTarget.value)}
        />
        <StartFields
          label="It begins with the events from"
          format={format}
          kinds={['now', 'time', 'number']}
          value={start}
          onChange={setStart}
        />
      </FormDialog>
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

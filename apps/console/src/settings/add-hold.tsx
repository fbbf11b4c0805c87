import { Text, TextInput } from '@mantine/core';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { FormDialog } from '../layout/form-dialog.js';
import { bodyOf, type HoldForm } from './hold-form.js';
import { holdsQuery } from './holds.js';

const EMPTY: HoldForm = { account: '', resource: '', since: '', until: '', reason: '' };

/** Places a legal hold. */
export function AddHold({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const [form, setForm] = useState(EMPTY);
  const field = (name: keyof HoldForm) => ({
    value: form[name],
    onChange: (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value }),
  });
  const add = async () => {
    await unwrap(api.POST('/api/v1/holds', { body: bodyOf(form) }));
    await queryClient.invalidateQueries({ queryKey: holdsQuery.queryKey });
    setForm(EMPTY);
  };
  return (
    <FormDialog opened={opened} onClose={onClose} title="Add hold" submit="Add hold" onSubmit={add}>
      <Text size="sm" c="dimmed">
        The sessions that match stay with their facts, however old they are, until a day after the hold is released. An empty
        field matches all.
      </Text>
      <TextInput label="Account" description="Id or whole e-mail, as it was at the time" data-autofocus {...field('account')} />
      <TextInput label="Server" description="Id or whole name, as it was at the time" {...field('resource')} />
      <TextInput type="datetime-local" label="Since" description="Sessions that had not ended then" {...field('since')} />
      <TextInput type="datetime-local" label="Until" description="Sessions that began before" {...field('until')} />
      <TextInput label="Reason" description="For whoever releases it" required {...field('reason')} />
    </FormDialog>
  );
}

import { PasswordInput } from '@mantine/core';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { FormDialog } from '../layout/form-dialog.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { UserFields, type UserFieldsValue } from './user-fields.js';

const NEW: UserFieldsValue & { password: string } = { email: '', apiRole: 'user', password: '' };

/** Adds a user. Without a password one is made, and shown once. */
export function AddUser({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const [form, setForm] = useState(NEW);
  const [secret, setSecret] = useState<Secret>();
  const add = async () => {
    const { email, apiRole, password } = form;
    const user = await unwrap(
      api.POST('/api/v1/users', { body: { email: email.trim(), apiRole, ...(password !== '' && { password }) } }),
    );
    await queryClient.invalidateQueries({ queryKey: ['user'] });
    setForm(NEW);
    if (user.password !== undefined) {
      setSecret({
        title: `Password of ${user.email}`,
        what: 'the password',
        value: user.password,
        note: 'Hand it to them over a channel that you trust. They can change it under "My access".',
        commands: [{ title: 'They sign in with', text: `sluice login --server ${window.location.origin} --email ${user.email}` }],
      });
    }
  };
  return (
    <>
      <FormDialog opened={opened} onClose={onClose} title="Add user" submit="Add user" onSubmit={add}>
        <UserFields value={form} onChange={(changed) => setForm({ ...form, ...changed })} />
        <PasswordInput
          label="Password"
          description="If empty, one is generated and shown once"
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          value={form.password}
          onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
        />
      </FormDialog>
      <ShownOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

import { PasswordInput, Select, TextInput } from '@mantine/core';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { FormDialog } from '../layout/form-dialog.js';
import { type Secret, ShownOnce } from '../layout/shown-once.js';
import { API_ROLE_WORDS, type User } from './users.js';

const NEW = { email: '', apiRole: 'user' as User['apiRole'], password: '' };

/** The choice of what an account may do in the API. */
export const apiRoleChoices = Object.entries(API_ROLE_WORDS).map(([value, words]) => ({ value, label: `${value}: ${words}` }));

/** The role of the API that a choice means. */
export const chosenApiRole = (value: string | null): User['apiRole'] =>
  value === 'administrator' || value === 'auditor' ? value : 'user';

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
        <TextInput
          label="E-mail"
          type="email"
          required
          data-autofocus
          value={form.email}
          onChange={(event) => setForm({ ...form, email: event.currentTarget.value })}
        />
        <Select
          label="May do in the API"
          required
          data={apiRoleChoices}
          allowDeselect={false}
          value={form.apiRole}
          onChange={(value) => setForm({ ...form, apiRole: chosenApiRole(value) })}
        />
        <PasswordInput
          label="Password"
          description="Empty: one is made and shown once"
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

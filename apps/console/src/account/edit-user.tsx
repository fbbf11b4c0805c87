import { unwrap } from '@sluice/sdk';
import { useEffect, useState } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { FormDialog } from '../layout/form-dialog.js';
import { UserFields } from './user-fields.js';
import type { User } from './users.js';

/** Changes a user's e-mail, or what they may do in the API. */
export function EditUser({
  user: { id, version, email, apiRole },
  opened,
  onClose,
}: {
  readonly user: User;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const [form, setForm] = useState({ email, apiRole });
  useEffect(() => {
    if (!opened) setForm({ email, apiRole });
  }, [opened, email, apiRole]);
  const save = async () => {
    await unwrap(
      api.PATCH('/api/v1/users/{id}', {
        params: { path: { id } },
        body: {
          version,
          ...(form.email.trim() !== email && { email: form.email.trim() }),
          ...(form.apiRole !== apiRole && { apiRole: form.apiRole }),
        },
      }),
    );
    await queryClient.invalidateQueries({ queryKey: ['user'] });
  };
  return (
    <FormDialog opened={opened} onClose={onClose} title={`Edit ${email}`} submit="Save" onSubmit={save}>
      <UserFields value={form} onChange={(changed) => setForm({ ...form, ...changed })} />
    </FormDialog>
  );
}

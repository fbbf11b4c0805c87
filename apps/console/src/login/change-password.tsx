import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useState } from 'react';
import { api } from '../api/client.js';
import { fieldProblem, messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Section } from '../layout/section.js';
import { useAccount } from './account.js';

const SHORTEST = 12;
const LONGEST = 128;

/** Changes the password of the person who is signed in. */
export function ChangePassword() {
  const { email } = useAccount();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { oldPassword: '', newPassword: '', again: '' },
    validate: {
      oldPassword: (value) => (value === '' ? 'Enter your present password' : null),
      newPassword: (value) => {
        const length = [...value.normalize('NFKC')].length;
        return length < SHORTEST || length > LONGEST ? `A password has ${SHORTEST} to ${LONGEST} characters` : null;
      },
      again: (value, { newPassword }) => (value === newPassword ? null : 'This is not the same password'),
    },
  });
  const change = async ({ oldPassword, newPassword }: { oldPassword: string; newPassword: string }) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await unwrap(api.POST('/api/v1/me/password', { body: { oldPassword, newPassword } }));
      form.reset();
      await queryClient.invalidateQueries({ queryKey: ['login'] });
      notifications.show({ color: 'green', message: 'Your password was changed; your other logins have ended' });
    } catch (error) {
      const problem = fieldProblem(error);
      if (problem && problem.field in form.values) form.setFieldError(problem.field, problem.message);
      else setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const shown = (what: string) => ({ visibilityToggleButtonProps: { 'aria-label': `Show ${what}` } });
  return (
    <Section title="Password">
      <form onSubmit={form.onSubmit((values) => void change(values))} noValidate>
        <input type="text" autoComplete="username" value={email} readOnly hidden aria-hidden />
        <Stack maw={400} gap="sm">
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            {...shown('the present password')}
            {...form.getInputProps('oldPassword')}
          />
          <PasswordInput
            label="New password"
            description="12 to 128 characters, and not easy to guess"
            autoComplete="new-password"
            {...shown('the new password')}
            {...form.getInputProps('newPassword')}
          />
          <PasswordInput
            label="New password, again"
            autoComplete="new-password"
            {...shown('the new password, again')}
            {...form.getInputProps('again')}
          />
          {failure !== undefined && (
            <Text c="red" size="sm" role="alert">
              {failure}
            </Text>
          )}
          <Group>
            <Button type="submit" loading={busy}>
              Change password
            </Button>
            <Text size="xs" c="dimmed">
              Your other logins end.
            </Text>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

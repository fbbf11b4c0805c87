import { Button, Center, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { unwrap } from '@sluice/sdk';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../api/client.js';
import { messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Mark } from '../layout/mark.js';
import { meQuery, noteLogin } from './account.js';

/** Signs in. The gateway keeps the token in a cookie that no script can read. */
export function SignInPage() {
  const { from } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.trim() === '' ? 'Enter your e-mail address' : null),
      password: (value) => (value === '' ? 'Enter your password' : null),
    },
  });
  useEffect(() => {
    document.title = 'Sign in · Sluice';
  }, []);

  const signIn = async ({ email, password }: { email: string; password: string }) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await unwrap(
        api.POST('/api/v1/logins', { body: { email: email.trim(), password }, headers: { 'sluice-login': 'cookie' } }),
      );
      noteLogin(true);
      queryClient.clear();
      await queryClient.fetchQuery(meQuery);
      await navigate({ href: insideHref(from) });
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={400}>
        <form onSubmit={form.onSubmit((values) => void signIn(values))} noValidate>
          <Stack>
            <Stack align="center" gap="xs">
              <Mark size={44} />
              <Title order={1} size="h3">
                Sign in to Sluice
              </Title>
            </Stack>
            <TextInput label="E-mail" type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
              {...form.getInputProps('password')}
            />
            {failure !== undefined && (
              <Text c="red" size="sm" role="alert">
                {failure}
              </Text>
            )}
            <Button type="submit" loading={busy} fullWidth>
              Sign in
            </Button>
            <Text size="xs" c="dimmed" ta="center">
              The first administrator's password is in the file <Code>admin-password</Code> of the installation's folder, as{' '}
              <Code>npm start</Code> prints it.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}

/** Where to go after signing in: a path of this console, never another site. */
export const insideHref = (from: string | undefined): string => (from !== undefined && /^\/(?![/\\])/.test(from) ? from : '/');

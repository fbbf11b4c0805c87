import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Stack,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { unwrap } from '@sluice/sdk';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { CircleUser, Keyboard, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { useEffect } from 'react';
import { api } from '../api/client.js';
import { notifyProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { LiveStatus, LiveUpdates } from '../live/live-status.js';
import { noteLogin, useAccount } from '../login/account.js';
import { KeysDialog, useKeys } from './keys.js';
import { NotForYou } from '../layout/not-for-you.js';
import { Mark } from '../layout/mark.js';
import { Tips } from '../layout/tips.js';
import { NAVIGATION } from './navigation.js';

/** The frame of every page behind the sign-in: header, navigation, content. */
export function Shell() {
  const account = useAccount();
  const [menu, { toggle, close }] = useDisclosure();
  const [keys, keysDialog] = useDisclosure();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const destination = NAVIGATION.flatMap(({ pages }) => pages).find(({ to }) => path === to || path.startsWith(`${to}/`));
  useKeys(keysDialog.open);
  useEffect(close, [path, close]);
  return (
    <LiveUpdates>
      <AppShell header={{ height: 52 }} navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !menu } }} padding="md">
        <a href="#content" className="skip-link">
          Skip to the content
        </a>
        <AppShell.Header>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              <Burger
                opened={menu}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={menu ? 'Close the navigation' : 'Open the navigation'}
              />
              <UnstyledButton renderRoot={(props) => <Link to="/" {...props} />} aria-label="Sluice, first page">
                <Group gap={8} wrap="nowrap">
                  <Mark size={26} />
                  <Text fw={700} size="lg">
                    Sluice
                  </Text>
                </Group>
              </UnstyledButton>
            </Group>
            <Group gap="xs" wrap="nowrap">
              <LiveStatus />
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={keysDialog.open}
                aria-label="Keyboard shortcuts"
                data-tip="Keys (?)"
                visibleFrom="sm"
              >
                <Keyboard size={18} />
              </ActionIcon>
              <AccountMenu />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" aria-label="Pages">
          <ScrollArea>
            <Stack gap="sm">
              {NAVIGATION.map(({ title, pages }, index) => {
                const offered = pages.filter((page) => page.for.includes(account.apiRole));
                if (offered.length === 0) return null;
                return (
                  <div key={index}>
                    {title !== undefined && (
                      <Text size="xs" fw={600} c="dimmed" px="xs" mb={2}>
                        {title}
                      </Text>
                    )}
                    {offered.map(({ to, title: name, icon: Icon }) => {
                      const here = path === to || path.startsWith(`${to}/`);
                      return (
                        <NavLink
                          key={to}
                          active={here}
                          aria-current={here ? 'page' : undefined}
                          label={name}
                          leftSection={<Icon size={17} aria-hidden />}
                          renderRoot={(props) => <Link to={to} {...props} />}
                        />
                      );
                    })}
                  </div>
                );
              })}
            </Stack>
          </ScrollArea>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          {destination && !destination.for.includes(account.apiRole) ? <NotForYou title={destination.title} /> : <Outlet />}
        </AppShell.Main>
      </AppShell>
      <Tips />
      <KeysDialog opened={keys} onClose={keysDialog.close} />
    </LiveUpdates>
  );
}

function AccountMenu() {
  const account = useAccount();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = async () => {
    try {
      await unwrap(api.DELETE('/api/v1/logins/current', {}));
      noteLogin(false);
      queryClient.clear();
      await navigate({ to: '/sign-in' });
    } catch (error) {
      notifyProblem('You are still signed in', error);
    }
  };
  const schemes = [
    { value: 'auto', title: 'As the system', icon: Monitor },
    { value: 'light', title: 'Light', icon: Sun },
    { value: 'dark', title: 'Dark', icon: Moon },
  ] as const;
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Account of ${account.email}`}>
          <CircleUser size={22} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="bright" className="breakable">
            {account.email}
          </Text>
          {account.apiRole}
        </Menu.Label>
        <Menu.Item leftSection={<UserRound size={16} />} onClick={() => void navigate({ to: '/my-access' })}>
          My access and logins
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {schemes.map(({ value, title, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} />}
            onClick={() => setColorScheme(value)}
            aria-current={colorScheme === value || undefined}
            fw={colorScheme === value ? 600 : undefined}
          >
            {title}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

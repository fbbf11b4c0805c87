import { Code, Stack, Text } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Copyable, Command } from '../layout/copyable.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { meQuery } from '../login/account.js';
import { ChangePassword } from '../login/change-password.js';
import { MyLogins } from '../login/my-logins.js';
import { MySessions } from '../session/my-sessions.js';
import { TagList } from '../layout/tag-list.js';
import { Section } from '../layout/section.js';
import { type Column, DataTable } from '../table/data-table.js';
import { counted } from '../words/quantity.js';
import { shellWord } from '../words/shell-word.js';
import type { Schemas } from '@sluice/sdk';

type Reachable = Schemas['AgentFeed']['resources'][number];

const addressOf = ({ dns, bindAddress, port }: Reachable): string => `${dns ?? bindAddress}:${port}`;

const COLUMNS: readonly Column<Reachable>[] = [
  { id: 'name', title: 'Server', cell: ({ name }) => <span className="breakable">{name}</span>, sortBy: ({ name }) => name },
  {
    id: 'address',
    title: 'Address',
    cell: (server) => <Copyable value={addressOf(server)} what={`the address of ${server.name}`} />,
    sortBy: addressOf,
  },
  {
    id: 'health',
    title: 'Health',
    cell: ({ health }) => (
      <Text size="sm" c={health === 'healthy' ? 'green' : 'red'}>
        {health}
      </Text>
    ),
    sortBy: ({ health }) => health,
  },
  {
    id: 'command',
    title: 'To connect',
    cell: ({ name }) => <Copyable value={`sluice connect ${shellWord(name)}`} what={`the command for ${name}`} />,
    from: 'md',
  },
  { id: 'tags', title: 'Tags', cell: ({ tags }) => <TagList tags={tags} limit={3} />, from: 'lg' },
];

/** What the person who is signed in may reach, and how; their logins and password. */
export function MyAccessPage() {
  const { data: me } = useSuspenseQuery(meQuery);
  const servers = me?.resources ?? [];
  return (
    <Page title="My access" description={counted(servers.length, 'server')}>
      {servers.length === 0 ? (
        <EmptyState title="You may not reach any server yet">
          An administrator gives access by adding you to a role. What you may reach then appears here without a reload.
        </EmptyState>
      ) : (
        <DataTable
          label="Servers that I may reach"
          columns={COLUMNS}
          rows={servers}
          rowId={({ id }) => id}
          initialSort={{ id: 'name' }}
        />
      )}
      <Section title="On this computer">
        <Stack gap="xs">
          <Text size="sm">
            The <Code>sluice</Code> command makes these addresses answer on your own machine. Install it, sign in, and connect:
          </Text>
          <Command
            text={[
              `npm install --global ${window.location.origin}/install/sluice-agent.tgz`,
              `sluice login --server ${window.location.origin} --email ${me?.account.email ?? ''}`,
              'sluice connect --all',
            ].join('\n')}
            what="the commands"
          />
        </Stack>
      </Section>
      <MySessions />
      <MyLogins />
      <ChangePassword />
    </Page>
  );
}

import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Command } from '../layout/copyable.js';
import { Email } from '../layout/email.js';
import { EmptyState } from '../layout/empty-state.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { useIsAdministrator } from '../login/account.js';
import { EndSession } from '../session/end-session.js';
import { Outcome } from '../session/outcome.js';
import { SESSION_COLUMNS } from '../session/session-columns.js';
import { newestSessions, type Session } from '../session/sessions.js';
import { type Column, DataTable } from '../table/data-table.js';
import { shellWord } from '../words/shell-word.js';
import type { Server } from './servers.js';

const COLUMNS = SESSION_COLUMNS.filter(({ id }) => id !== 'resource').map((column) =>
  column.id === 'account' ? { ...column, cell: UserWithOutcome } : column,
);
const END: Column<Session> = {
  id: 'end',
  title: 'Actions',
  cell: (session) => (session.state === 'live' ? <EndSession session={session} /> : null),
  align: 'right',
};
const WITH_END = [...COLUMNS, END];

/** On a phone, the outcome stands below the user. */
function UserWithOutcome(session: Session) {
  return (
    <>
      <Email address={session.account.email ?? session.account.id} />
      <div className="on-phones">
        <Outcome session={session} />
      </div>
    </>
  );
}

/** The newest sessions of a server. */
export function ServerSessions({ server: { id, name } }: { readonly server: Server }) {
  const administrator = useIsAdministrator();
  const sessions = useQuery(newestSessions({ resource: id }));
  return (
    <Read query={sessions} what="the sessions">
      {({ items, nextCursor }) =>
        items.length === 0 ? (
          <EmptyState title="Nobody has connected to this server yet">
            Users whose roles reach it connect with
            <Command text={`sluice connect ${shellWord(name)}`} />
          </EmptyState>
        ) : (
          <Stack gap="xs">
            <Text size="sm" c="dimmed">
              {nextCursor === undefined ? 'All of its sessions. ' : `The newest ${items.length}. `}
              <TextLink underline="always" to="/queries" search={{ resource: id }}>
                Show them in Queries
              </TextLink>
            </Text>
            <DataTable
              label={`Sessions of ${name}`}
              columns={administrator ? WITH_END : COLUMNS}
              rows={items}
              rowId={(one) => one.id}
            />
          </Stack>
        )
      }
    </Read>
  );
}

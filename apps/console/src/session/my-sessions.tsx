import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { TextLink } from '../layout/text-link.js';
import { useAccount } from '../login/account.js';
import { DataTable } from '../table/data-table.js';
import { SESSION_COLUMNS } from './session-columns.js';
import { newestSessions } from './sessions.js';

/** How many sessions are shown. */
const SHOWN = 5;
const COLUMNS = SESSION_COLUMNS.filter(({ id }) => id !== 'account');

/** The newest sessions of the person who is signed in. */
export function MySessions() {
  const { id } = useAccount();
  const sessions = useQuery(newestSessions({ account: id }));
  return (
    <Section
      title="My sessions"
      actions={
        <TextLink to="/queries" search={{ account: id }}>
          All of them
        </TextLink>
      }
    >
      <Read query={sessions} what="the sessions">
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              You have not connected to a server yet. Every connection leaves one record here.
            </Text>
          ) : (
            <DataTable label="My sessions" columns={COLUMNS} rows={items.slice(0, SHOWN)} rowId={(one) => one.id} />
          )
        }
      </Read>
    </Section>
  );
}

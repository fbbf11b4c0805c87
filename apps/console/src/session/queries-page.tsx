import { Button, Center, Group, Loader, Paper, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { isInvalid, Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { useAccount, useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { counted } from '../words/quantity.js';
import { EndSession } from './end-session.js';
import { ExportMenu } from './export-menu.js';
import { SESSION_COLUMNS } from './session-columns.js';
import { SessionFilterForm } from './session-filter-form.js';
import {
  joinPages,
  liveSessions,
  mayBeLive,
  newestSessions,
  PAGE,
  type Session,
  type SessionFilters,
  sessionLog,
} from './sessions.js';

const OWN_LIVE_COLUMNS = SESSION_COLUMNS.filter(({ id }) => id !== 'outcome');
/** With a button that ends the session; on a phone there is no room for one more column. */
const LIVE_COLUMNS: readonly Column<Session>[] = [
  ...OWN_LIVE_COLUMNS.map((column) => (column.id === 'resource' ? { ...column, cell: ServerWithEnd } : column)),
  { id: 'end', title: 'Actions', cell: (session) => <EndSession session={session} />, from: 'sm', align: 'right' },
];

function ServerWithEnd(session: Session) {
  return (
    <>
      <span className="breakable">{session.resource.name ?? session.resource.id}</span>
      <div className="on-phones">
        <EndSession session={session} />
      </div>
    </>
  );
}

/** The session log: who, when, how long, bytes each way, outcome and end reason. What runs now stands on top. */
export function QueriesPage() {
  const filters = useSearch({ from: '/signed-in/queries' });
  const { apiRole } = useAccount();
  const live = useQuery({ ...liveSessions(filters), enabled: mayBeLive(filters) });
  const log = useSessionLog(filters);
  const isLiveOnly = filters.state === 'running';
  const isFiltered = Object.keys(filters).length > 0;
  const wrong = [log.error, live.error].find(isInvalid); // both lists have the same filter
  return (
    <Page
      title="Queries"
      description={
        apiRole === 'user'
          ? 'Your sessions. What they carried is never recorded.'
          : 'All sessions. What they carried is never recorded.'
      }
      actions={<ExportMenu sessions={isLiveOnly ? (live.data ?? []) : log.sessions} />}
    >
      <SessionFilterForm filters={filters} />
      {wrong ? (
        <Problem error={wrong} title="This filter cannot be used" />
      ) : (
        <>
          {mayBeLive(filters) && <LiveSessions sessions={live} isFiltered={isFiltered} />}
          {!isLiveOnly && <SessionLog log={log} isFiltered={isFiltered} />}
        </>
      )}
    </Page>
  );
}

function SessionLog({ log, isFiltered }: { readonly log: ReturnType<typeof useSessionLog>; readonly isFiltered: boolean }) {
  const older = log.older && (
    <Group justify="center">
      <Button variant="light" loading={log.isReading} onClick={log.older}>
        {log.sessions.length === 0 ? 'Look further back' : 'Show older sessions'}
      </Button>
    </Group>
  );
  const asRead = log.sessions.length > PAGE && (
    <Group justify="center">
      <Text size="sm" c="dimmed">
        The newest {PAGE} sessions follow what happens; the older ones are as they were read.
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={log.readAgain}>
        Read again
      </Button>
    </Group>
  );
  return (
    <>
      <Title order={2} size="h4">
        Session log
      </Title>
      {log.error !== null && log.sessions.length === 0 ? (
        <Problem error={log.error} retry={log.retry} />
      ) : log.isPending ? (
        <Center p="xl">
          <Loader aria-label="Loading the sessions" />
        </Center>
      ) : log.sessions.length === 0 ? (
        <EmptyState
          title={
            older
              ? 'No session so far fits these filters'
              : isFiltered
                ? 'No session fits these filters'
                : 'There are no sessions yet'
          }
        >
          {older ?? (!isFiltered && 'Every connection through Sluice leaves one record here: also those that were refused.')}
        </EmptyState>
      ) : (
        <>
          <DataTable label="Session log" columns={SESSION_COLUMNS} rows={log.sessions} rowId={({ id }) => id} />
          {older}
          {asRead}
        </>
      )}
    </>
  );
}

function LiveSessions({
  sessions: { data, error, refetch },
  isFiltered,
}: {
  readonly sessions: UseQueryResult<Session[]>;
  readonly isFiltered: boolean;
}) {
  const administrator = useIsAdministrator();
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb={4}>
        Live sessions
      </Title>
      {data === undefined && error !== null ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined || data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {data === undefined ? 'Loading' : isFiltered ? 'No live session fits this filter' : 'Nobody is connected now'}
        </Text>
      ) : (
        <>
          <Text size="sm" c="dimmed">
            {counted(data.length, 'session')}
            {data.length === 500 && ' and more'}
          </Text>
          <DataTable
            label="Live sessions"
            columns={administrator ? LIVE_COLUMNS : OWN_LIVE_COLUMNS}
            rows={data}
            rowId={({ id }) => id}
          />
        </>
      )}
    </Paper>
  );
}

/** The newest sessions as they come, and older ones as far as somebody has gone back. */
function useSessionLog(filters: SessionFilters) {
  const enabled = filters.state !== 'running';
  const newest = useQuery({ ...newestSessions(filters), enabled });
  const log = useInfiniteQuery({ ...sessionLog(filters), enabled });
  const older = useMemo(() => (log.data?.pages ?? []).flatMap(({ items }) => items), [log.data]);
  const joined = useMemo(() => joinPages(newest.data?.items ?? [], older), [newest.data, older]);
  useEffect(() => {
    if (joined === undefined) void queryClient.resetQueries({ queryKey: sessionLog(filters).queryKey });
  }, [joined, filters]);
  return {
    sessions: useMemo(() => [...(joined ?? newest.data?.items ?? [])], [joined, newest.data]),
    error: newest.error ?? log.error,
    isPending: newest.isPending || log.isPending,
    isReading: log.isFetchingNextPage,
    older: log.hasNextPage ? () => void log.fetchNextPage() : undefined,
    readAgain: () => void log.refetch(),
    retry: () => {
      void newest.refetch();
      void log.refetch();
    },
  };
}

import { Button, Center, Group, Loader, Paper, Text, Title } from '@mantine/core';
import { END_REASONS, OUTCOMES } from '@sluice/domain';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { Problem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { useAccount, useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { type FilterField, FilterForm } from '../table/filter-form.js';
import { counted } from '../words/quantity.js';
import { EndSession } from './end-session.js';
import { ExportMenu } from './export-menu.js';
import { SESSION_COLUMNS } from './session-columns.js';
import { joinPages, liveSessions, newestSessions, type Session, type SessionFilters, sessionLog } from './sessions.js';

const END: Column<Session> = { id: 'end', title: 'Actions', cell: (session) => <EndSession session={session} />, align: 'right' };
const LIVE_COLUMNS: readonly Column<Session>[] = [...SESSION_COLUMNS.filter(({ id }) => id !== 'outcome'), END];
const OWN_LIVE_COLUMNS = SESSION_COLUMNS.filter(({ id }) => id !== 'outcome');

/** The session log: who, when, how long, bytes each way, outcome and end reason. What runs now stands on top. */
export function QueriesPage() {
  const filters = useSearch({ from: '/signed-in/queries' });
  const { apiRole } = useAccount();
  const log = useSessionLog(filters);
  return (
    <Page
      title="Queries"
      description={
        apiRole === 'user'
          ? 'Your sessions. What they carried is never recorded.'
          : 'All sessions. What they carried is never recorded.'
      }
      actions={<ExportMenu sessions={log.sessions} />}
    >
      <Filters filters={filters} />
      <LiveSessions filters={filters} />
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
        <EmptyState title={Object.keys(filters).length > 0 ? 'No session fits these filters' : 'There are no sessions yet'}>
          {Object.keys(filters).length === 0 &&
            'Every connection through Sluice leaves one record here: also those that were refused.'}
        </EmptyState>
      ) : (
        <>
          <DataTable label="Session log" columns={SESSION_COLUMNS} rows={log.sessions} rowId={({ id }) => id} />
          {log.older && (
            <Group justify="center">
              <Button variant="light" loading={log.isReading} onClick={log.older}>
                Show older sessions
              </Button>
            </Group>
          )}
        </>
      )}
    </Page>
  );
}

function LiveSessions({ filters }: { readonly filters: SessionFilters }) {
  const administrator = useIsAdministrator();
  const { data } = useQuery(liveSessions(filters));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb={4}>
        Live sessions
      </Title>
      {data === undefined || data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {data === undefined ? 'Loading' : 'Nobody is connected now'}
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
  const newest = useQuery(newestSessions(filters));
  const log = useInfiniteQuery(sessionLog(filters));
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
    retry: () => {
      void newest.refetch();
      void log.refetch();
    },
  };
}

/** The filters of the session log, as the API has them. */
const FIELDS: readonly FilterField[] = [
  { name: 'resource', label: 'Server', placeholder: 'name or id', kind: 'text' },
  { name: 'account', label: 'User', placeholder: 'e-mail or id', kind: 'text' },
  { name: 'outcome', label: 'Outcome', kind: OUTCOMES },
  { name: 'since', label: 'Since', kind: 'moment' },
  { name: 'until', label: 'Until', kind: 'moment' },
  { name: 'endReason', label: 'End reason', kind: END_REASONS, isRare: true },
  { name: 'clientAddress', label: 'Client address', placeholder: 'IP address', kind: 'text', isRare: true },
  { name: 'node', label: 'Relay', placeholder: 'name or id', kind: 'text', isRare: true },
  { name: 'gateway', label: 'Gateway', placeholder: 'id', kind: 'text', isRare: true },
  { name: 'rule', label: 'Rule', placeholder: 'role readers', kind: 'text', isRare: true },
];

function Filters({ filters }: { readonly filters: SessionFilters }) {
  const navigate = useNavigate();
  const { apiRole } = useAccount();
  return (
    <FilterForm
      fields={apiRole === 'user' ? FIELDS.filter(({ name }) => name !== 'account') : FIELDS}
      values={filters}
      onApply={(search) => void navigate({ to: '/queries', search })}
    />
  );
}

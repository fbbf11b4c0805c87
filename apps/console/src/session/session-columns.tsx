import { Email } from '../layout/email.js';
import type { Column } from '../table/data-table.js';
import { durationText } from '../words/moment.js';
import { Time, useNow } from '../words/time.js';
import { CountedBytes } from './counted-bytes.js';
import { Outcome } from './outcome.js';
import type { Session } from './sessions.js';
import { TextLink } from '../layout/text-link.js';

/** How long a session lasted, or has lasted. */
export function Duration({ session: { state, startedAt, durationMs } }: { readonly session: Session }) {
  const now = useNow();
  const ms = state === 'live' ? Math.max(0, now - Date.parse(startedAt)) : durationMs;
  return <span className="nowrap">{ms === null ? '—' : durationText(ms)}</span>;
}

/** The columns of a list of sessions. */
export const SESSION_COLUMNS: readonly Column<Session>[] = [
  {
    id: 'started',
    title: 'Started',
    cell: ({ id, startedAt }) => (
      <TextLink to="/queries/$id" params={{ id }}>
        <Time at={startedAt} />
      </TextLink>
    ),
  },
  {
    id: 'account',
    title: 'User',
    cell: ({ account }) => <Email address={account.email ?? account.id} />,
  },
  {
    id: 'resource',
    title: 'Server',
    cell: (session) => (
      <>
        <span className="breakable">{session.resource.name ?? session.resource.id}</span>
        <div className="on-phones">
          <Outcome session={session} />
        </div>
      </>
    ),
  },
  { id: 'duration', title: 'Duration', cell: (session) => <Duration session={session} />, from: 'sm', align: 'right' },
  {
    id: 'up',
    title: 'Bytes up',
    cell: (session) => <CountedBytes count={session.bytesUp} session={session} />,
    from: 'md',
    align: 'right',
  },
  {
    id: 'down',
    title: 'Bytes down',
    cell: (session) => <CountedBytes count={session.bytesDown} session={session} />,
    from: 'md',
    align: 'right',
  },
  { id: 'outcome', title: 'Outcome', cell: (session) => <Outcome session={session} />, from: 'sm' },
  { id: 'relay', title: 'Relay', cell: ({ relay }) => relay?.name ?? '—', from: 'lg' },
];

import { Alert, Text, Timeline } from '@mantine/core';
import { factInWords, signedText } from '@sluice/domain';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Copyable } from '../layout/copyable.js';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { ShowMore } from '../layout/show-more.js';
import { type Column, DataTable } from '../table/data-table.js';
import { exactTime } from '../words/moment.js';
import { Duration } from './session-columns.js';
import { factsQuery, type Session, type SessionFact } from './sessions.js';
import { timeLineOf } from './time-line.js';

const COLUMNS: readonly Column<SessionFact>[] = [
  { id: 'number', title: 'Number', cell: ({ number }) => number ?? '—', align: 'right' },
  { id: 'kind', title: 'Fact', cell: ({ kind }) => kind },
  { id: 'at', title: 'Written', cell: ({ at }) => exactTime(at) },
  {
    id: 'details',
    title: 'Details',
    cell: (fact) => <span className="breakable">{factInWords(fact)}</span>,
    from: 'sm',
  },
  { id: 'signed', title: 'Signed', cell: ({ signed }) => signedText(signed), from: 'sm' },
  {
    id: 'journal',
    title: 'Journal',
    cell: ({ incarnation }) => (incarnation === null ? '—' : <Short value={incarnation} what="the id of the journal" />),
    from: 'md',
  },
  { id: 'hash', title: 'Hash', cell: ({ hash }) => <Short value={hash} what="the hash of the fact" />, from: 'md' },
];

/** The beginning of an id or a hash, and a button that copies all of it. */
const Short = ({ value, what }: { readonly value: string; readonly what: string }) => (
  <Copyable value={value} what={what}>
    {value.slice(0, 8)}…
  </Copyable>
);

/** The time line of a session, for those who may read its facts. */
export function FactsTimeLine({ session }: { readonly session: Session }) {
  const facts = useInfiniteQuery(factsQuery(session.id));
  return (
    <Read query={facts} what="the time line">
      {({ pages }) => <RecordTimeLine session={session} facts={pages.flatMap(({ items }) => items)} isAll={!facts.hasNextPage} />}
    </Read>
  );
}

/** The time line of a session from its record, with the facts that are known. */
export function RecordTimeLine({
  session,
  facts = [],
  isAll = true,
}: {
  readonly session: Session;
  readonly facts?: readonly SessionFact[];
  readonly isAll?: boolean;
}) {
  const moments = timeLineOf(session, facts, isAll);
  const isLive = session.state === 'live';
  return (
    <Timeline active={isLive ? moments.length : moments.length - 1} bulletSize={14} lineWidth={2}>
      {moments.map(({ key, title, at, details, number }) => (
        <Timeline.Item key={key} title={title}>
          <Text size="sm" c="dimmed" className="breakable">
            {exactTime(at)}
            {details !== '' && `, ${details}`}
            {number !== null && ` (fact ${number})`}
          </Text>
        </Timeline.Item>
      ))}
      {isLive && (
        <Timeline.Item key="runs" title="Runs">
          <Text size="sm" c="dimmed" component="div">
            <Duration session={session} />
          </Text>
        </Timeline.Item>
      )}
    </Timeline>
  );
}

/** The facts of which a record was made, with their numbers in the journal of the relay. */
export function SessionFacts({ id }: { readonly id: string }) {
  const facts = useInfiniteQuery(factsQuery(id));
  return (
    <Section title="Facts">
      <Text size="sm" c="dimmed" mb="xs">
        What the relay said about this session, of which the record was made. A relay numbers the facts of its journal without
        gaps, and each contains the hash of the fact with the number before. That fact need not be in this list: it can be about
        another session, or a signed head of the journal. Checkpoints only report progress, and have no number.
      </Text>
      <Read query={facts} what="the facts">
        {({ pages }) => (
          <>
            {pages.at(-1)?.complete === false && (
              <Alert color="yellow" mb="xs">
                Facts of this session are missing here: they were stored by an earlier release, which did not note which session a
                fact is about. They are kept, and the record follows from them.
              </Alert>
            )}
            <DataTable
              label="Facts"
              columns={COLUMNS}
              rows={pages.flatMap(({ items }) => items)}
              rowId={({ id: fact }) => fact}
            />
            <ShowMore query={facts} label="Show more facts" />
          </>
        )}
      </Read>
    </Section>
  );
}

import { Modal, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Copyable } from '../layout/copyable.js';
import { Email } from '../layout/email.js';
import { EmptyState } from '../layout/empty-state.js';
import { Facts } from '../layout/facts.js';
import { Read } from '../layout/read.js';
import { ShowMore } from '../layout/show-more.js';
import { WideTable } from '../layout/wide-table.js';
import { type Column, DataTable } from '../table/data-table.js';
import { exactTime } from '../words/moment.js';
import { Time } from '../words/time.js';
import { activitiesQuery, type Activity, type ActivityFilters, actorOf } from './activities.js';
import { differencesOf } from './differences.js';

const objectOf = ({ object: { kind, name, id } }: Activity): string => `${kind} ${name ?? id}`;

/** Activities that fit, newest first, and what changed by each. */
export function ActivityLog({ filters }: { readonly filters: ActivityFilters }) {
  const activities = useInfiniteQuery(activitiesQuery(filters));
  const [opened, setOpened] = useState<Activity>();
  const columns: readonly Column<Activity>[] = [
    { id: 'at', title: 'When', cell: ({ at }) => <Time at={at} /> },
    { id: 'actor', title: 'Who', cell: (activity) => <Email address={actorOf(activity)} /> },
    {
      id: 'what',
      title: 'What',
      cell: (activity) => (
        <UnstyledButton fz="sm" c="var(--mantine-color-anchor)" className="breakable" onClick={() => setOpened(activity)}>
          {activity.verb} {objectOf(activity)}
        </UnstyledButton>
      ),
    },
    { id: 'changes', title: 'Changes', cell: (activity) => <Summary activity={activity} />, from: 'md' },
  ];
  return (
    <>
      <Read query={activities} what="the activities">
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          return rows.length === 0 ? (
            <EmptyState title={Object.keys(filters).length > 0 ? 'No activity fits' : 'Nothing was changed yet'} />
          ) : (
            <>
              <DataTable label="Activities" columns={columns} rows={rows} rowId={({ id }) => id} />
              <ShowMore query={activities} label="Show older activities" />
            </>
          );
        }}
      </Read>
      <Modal
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
        title={opened && `${opened.verb} ${objectOf(opened)}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {opened && <Details activity={opened} />}
      </Modal>
    </>
  );
}

/** Properties that say nothing to a reader of a list. */
const TECHNICAL = /(^|\.)(id|version|createdAt)$/;

function Summary({ activity }: { readonly activity: Activity }) {
  const differences = differencesOf(activity).filter(({ property }) => !TECHNICAL.test(property));
  const shown = differences.slice(0, 3).map(({ property, before, after }) => `${property}: ${before || '—'} → ${after || '—'}`);
  return (
    <Text size="xs" c="dimmed" className="breakable">
      {shown.join('; ')}
      {differences.length > 3 && ` and ${differences.length - 3} more`}
    </Text>
  );
}

function Details({ activity }: { readonly activity: Activity }) {
  return (
    <Stack>
      <Facts
        rows={[
          ['When', exactTime(activity.at)],
          ['Who', actorOf(activity)],
          ['Object', objectOf(activity)],
          ['Object id', <Copyable key="o" value={activity.object.id} what="the object's id" />],
          ['Request id', <Copyable key="r" value={activity.requestId} what="the request's id" />],
        ]}
      />
      <WideTable label="Changes">
        <Table verticalSpacing={4} aria-label="Changes">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Property</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>After</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differencesOf(activity).map(({ property, before, after }) => (
              <Table.Tr key={property}>
                <Table.Td className="breakable">{property}</Table.Td>
                <Table.Td className="breakable" c="red">
                  {before || '—'}
                </Table.Td>
                <Table.Td className="breakable" c="green">
                  {after || '—'}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      {activity.shortened && <Text size="sm">The changes were too long to be stored here completely.</Text>}
    </Stack>
  );
}

import { Badge, Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { Time } from '../words/time.js';
import { AddHold } from './add-hold.js';
import { type Hold, holdsQuery } from './holds.js';

const COLUMNS: readonly Column<Hold>[] = [
  { id: 'reason', title: 'Reason', cell: ({ reason }) => <span className="sentence">{reason}</span> },
  { id: 'of', title: 'Holds', cell: (hold) => <span className="sentence">{whatOf(hold)}</span> },
  { id: 'since', title: 'Since', cell: ({ since }) => <Time at={since} none="the beginning" />, from: 'md' },
  { id: 'until', title: 'Until', cell: ({ until }) => <Time at={until} none="further notice" />, from: 'md' },
  { id: 'by', title: 'Added by', cell: ({ createdBy }) => <span className="sentence">{createdBy}</span>, from: 'lg' },
  { id: 'at', title: 'Added', cell: ({ createdAt }) => <Time at={createdAt} />, from: 'sm' },
];

/** Legal holds: what is kept however old it is. */
export function HoldsSection() {
  const administrator = useIsAdministrator();
  const holds = useQuery(holdsQuery);
  const [adding, { open, close }] = useDisclosure();
  const columns = useMemo(
    () => [
      ...COLUMNS,
      {
        id: 'state',
        title: 'State',
        cell: (hold: Hold) => <State hold={hold} administrator={administrator} />,
        align: 'right' as const,
      },
    ],
    [administrator],
  );
  return (
    <Section
      title="Legal holds"
      actions={
        administrator && (
          <Button size="xs" leftSection={<Plus size={16} />} onClick={open}>
            Add hold
          </Button>
        )
      }
    >
      <Stack>
        <Read query={holds} what="the holds">
          {(data) =>
            data.length === 0 ? (
              <Text size="sm" c="dimmed">
                Nothing is held: what is older than its retention is dropped.
              </Text>
            ) : (
              <DataTable label="Legal holds" columns={columns} rows={data} rowId={({ id }) => id} folded />
            )
          }
        </Read>
      </Stack>
      {administrator && <AddHold opened={adding} onClose={close} />}
    </Section>
  );
}

const whatOf = ({ account, resource }: Hold): string =>
  [account === null ? [] : [`sessions of ${account}`], resource === null ? [] : [`sessions to ${resource}`]]
    .flat()
    .join(', and of these ') || 'everything';

function State({ hold: { id, reason, releasedAt }, administrator }: { readonly hold: Hold; readonly administrator: boolean }) {
  if (releasedAt !== null)
    return (
      <>
        released <Time at={releasedAt} />, holds for a day after it
      </>
    );
  if (!administrator) return <Badge variant="light">holds</Badge>;
  const release = async () => {
    await unwrap(api.POST('/api/v1/holds/{id}/release', { params: { path: { id } } }));
    await queryClient.invalidateQueries({ queryKey: holdsQuery.queryKey });
    notifications.show({ message: `The hold "${reason}" was released` });
  };
  return (
    <DangerButton label="Release" size="xs" title={`Release the hold "${reason}"?`} confirm="Release hold" onConfirm={release}>
      A day later, what only this hold keeps and what is older than its retention is dropped for good. This cannot be undone.
    </DangerButton>
  );
}

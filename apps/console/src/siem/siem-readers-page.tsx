import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { DeliveryBadge } from '../delivery/delivery-badge.js';
import { Command } from '../layout/copyable.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { countText } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { CreateReader } from './create-reader.js';
import { type SiemReader, siemReadersQuery } from './siem-readers.js';

const COLUMNS: readonly Column<SiemReader>[] = [
  {
    id: 'name',
    title: 'Name',
    cell: ({ id, name }) => (
      <TextLink fw={600} className="breakable" to="/siem-readers/$id" params={{ id }}>
        {name}
      </TextLink>
    ),
    sortBy: ({ name }) => name,
  },
  { id: 'state', title: 'State', cell: ({ delivery }) => <DeliveryBadge delivery={delivery} /> },
  {
    id: 'waiting',
    title: 'Waiting',
    cell: ({ delivery }) => (delivery === null ? '—' : countText(delivery.waiting)),
    sortBy: ({ delivery }) => delivery?.waiting ?? -1,
    align: 'right',
  },
  {
    id: 'unacknowledged',
    title: 'Unacknowledged',
    cell: ({ delivery }) => (delivery === null ? '—' : countText(delivery.unacknowledged)),
    sortBy: ({ delivery }) => delivery?.unacknowledged ?? -1,
    align: 'right',
    from: 'md',
  },
  { id: 'oldest', title: 'Oldest since', cell: ({ delivery }) => <Time at={delivery?.oldestAt} />, from: 'sm' },
  { id: 'ack', title: 'Last acknowledged', cell: ({ delivery }) => <Time at={delivery?.acknowledgedAt} />, from: 'sm' },
  { id: 'format', title: 'Format', cell: ({ format }) => format, sortBy: ({ format }) => format, from: 'lg' },
  {
    id: 'subjects',
    title: 'Subjects',
    cell: ({ subjects }) => <span className="mono breakable">{subjects.join(', ')}</span>,
    from: 'lg',
  },
];

/** The SIEM readers: who receives audit events through NATS, and how far each has come. */
export function SiemReadersPage() {
  const administrator = useIsAdministrator();
  const readers = useQuery(siemReadersQuery);
  const [creating, { open, close }] = useDisclosure();
  return (
    <Page
      title="SIEM readers"
      description="Who receives audit events through NATS, each from a place of its own"
      actions={
        administrator && (
          <Button leftSection={<Plus size={16} />} onClick={open}>
            Create reader
          </Button>
        )
      }
    >
      <Read query={readers} what="the SIEM readers">
        {(data) =>
          data.length === 0 ? (
            <EmptyState title="There are no SIEM readers">
              {administrator ? (
                <>
                  A reader has credentials of its own and misses no event. Create one here, or type
                  <Command text="sluice admin siem create my-siem --out my-siem.creds" />
                </>
              ) : (
                'An administrator can create one for each SIEM.'
              )}
            </EmptyState>
          ) : (
            <DataTable label="SIEM readers" columns={COLUMNS} rows={data} rowId={({ id }) => id} initialSort={{ id: 'name' }} />
          )
        }
      </Read>
      {administrator && <CreateReader opened={creating} onClose={close} />}
    </Page>
  );
}

import { SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Read } from '../layout/read.js';
import { Section } from '../layout/section.js';
import { TextLink } from '../layout/text-link.js';
import { WideTable } from '../layout/wide-table.js';
import { nodesQuery } from '../node/nodes.js';
import { Bytes, counted, countText } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { type DeliveryStatus, deliveryQuery, readerName } from './delivery.js';
import { DeliveryBadge } from './delivery-badge.js';

/** How far facts have come: from the journals of relays to the database and to SIEM readers, and what is missing. */
export function DeliverySection() {
  const delivery = useQuery(deliveryQuery);
  return (
    <Section title="Delivery of facts">
      <Read query={delivery} what="the delivery of facts">
        {(status) => (
          <Stack>
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
              <Relays relays={status.relays} />
              <Readers readers={status.readers} />
            </SimpleGrid>
            <div>
              <Stream stream={status.stream} events="events" />
              {status.ocsf && <Stream stream={status.ocsf} events="events in the form of OCSF" />}
            </div>
            <Gaps gaps={status.gaps} />
          </Stack>
        )}
      </Read>
    </Section>
  );
}

/** A table with a title, as wide as there is room. */
function Part({
  title,
  heads,
  children,
}: {
  readonly title: string;
  readonly heads: readonly { readonly title: string; readonly align?: 'right'; readonly className?: string }[];
  readonly children: ReactNode;
}) {
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        {title}
      </Title>
      <WideTable label={title}>
        <Table verticalSpacing={4} aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              {heads.map((head) => (
                <Table.Th key={head.title} ta={head.align} className={head.className}>
                  {head.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </WideTable>
    </div>
  );
}

const Empty = ({ columns, children }: { readonly columns: number; readonly children: ReactNode }) => (
  <Table.Tr>
    <Table.Td colSpan={columns} c="dimmed">
      {children}
    </Table.Td>
  </Table.Tr>
);

const RELAY_HEADS = [
  { title: 'Relay' },
  { title: 'Stored through', align: 'right' },
  { title: 'Awaited', align: 'right' },
  { title: 'In its journal', align: 'right' },
] as const;

/** Finds the name of a node that is known by its id. A deleted one has none. */
function useNodeNames(): (id: string) => string {
  const { data = [] } = useQuery(nodesQuery);
  return (id) => data.find((node) => node.id === id)?.name ?? id;
}

function Relays({ relays }: Pick<DeliveryStatus, 'relays'>) {
  const nameOf = useNodeNames();
  return (
    <Part title="From relays" heads={RELAY_HEADS}>
      {relays.length === 0 && <Empty columns={RELAY_HEADS.length}>No relay is online</Empty>}
      {relays.map(({ id, name, incarnation, through, highest, journal }) => (
        <Table.Tr key={`${id} ${incarnation}`}>
          <Table.Td>
            <span className="breakable">{name ?? nameOf(id)}</span>
          </Table.Td>
          <Table.Td ta="right">{countText(through)}</Table.Td>
          <Table.Td ta="right" c={highest > through ? 'red' : undefined}>
            {countText(highest - through)}
          </Table.Td>
          <Table.Td ta="right">
            {journal === null ? (
              '—'
            ) : (
              <>
                {counted(journal.facts, 'fact')}
                {journal.facts > 0 && (
                  <>
                    , <Bytes count={journal.bytes} />
                  </>
                )}
              </>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </Part>
  );
}

const READER_HEADS = [
  { title: 'Reader' },
  { title: 'State' },
  { title: 'Waiting', align: 'right' },
  { title: 'Oldest since', className: 'from-sm' },
  { title: 'Last acknowledged', className: 'from-sm' },
] as const;

const Readers = ({ readers }: Pick<DeliveryStatus, 'readers'>) => (
  <Part title="To the database and SIEM readers" heads={READER_HEADS}>
    {readers.length === 0 && <Empty columns={READER_HEADS.length}>Nobody reads the stream</Empty>}
    {readers.map(({ kind, id, name, delivery }) => (
      <Table.Tr key={name}>
        <Table.Td>
          <span className="breakable">
            {kind === 'siem' && id !== null ? (
              <TextLink to="/siem-readers/$id" params={{ id }}>
                {name}
              </TextLink>
            ) : (
              readerName({ kind, name })
            )}
          </span>
        </Table.Td>
        <Table.Td>
          <DeliveryBadge delivery={delivery} />
        </Table.Td>
        <Table.Td ta="right">{countText(delivery.waiting + delivery.unacknowledged)}</Table.Td>
        <Table.Td className="from-sm">
          <Time at={delivery.oldestAt} />
        </Table.Td>
        <Table.Td className="from-sm">
          <Time at={delivery.acknowledgedAt} />
        </Table.Td>
      </Table.Tr>
    ))}
  </Part>
);

const Stream = ({
  stream: { firstNumber, lastNumber, firstAt, bytes, limitBytes },
  events,
}: Pick<DeliveryStatus, 'stream'> & { readonly events: string }) => (
  <Text size="sm" c="dimmed" component="div">
    {lastNumber < firstNumber ? (
      `JetStream keeps no ${events} now`
    ) : (
      <>
        JetStream keeps the {events} {countText(firstNumber)} to {countText(lastNumber)}, the oldest stored <Time at={firstAt} />
      </>
    )}
    : <Bytes count={bytes} /> of <Bytes count={limitBytes} />.
  </Text>
);

const GAP_HEADS = [
  { title: 'Author' },
  { title: 'Numbers' },
  { title: 'Missing', align: 'right' },
  { title: 'Reported' },
] as const;

/** Numbers that were given up. Without one the chains are complete, which is worth saying. */
function Gaps({ gaps }: Pick<DeliveryStatus, 'gaps'>) {
  const nameOf = useNodeNames();
  if (gaps.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No gaps: no numbered fact is missing.
      </Text>
    );
  return (
    <Part title="Gaps" heads={GAP_HEADS}>
      {gaps.map(({ author, incarnation, from, to, missing, reportedAt }) => (
        <Table.Tr key={`${author} ${incarnation} ${from}`}>
          <Table.Td>
            <span className="breakable">{nameOf(author)}</span>
          </Table.Td>
          <Table.Td>{from === to ? countText(from) : `${countText(from)}–${countText(to)}`}</Table.Td>
          <Table.Td ta="right">{countText(missing)}</Table.Td>
          <Table.Td>
            <Time at={reportedAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Part>
  );
}

import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { nothingYet } from '@sluice/domain';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { DeliveryBadge } from '../delivery/delivery-badge.js';
import { Command, Copyable } from '../layout/copyable.js';
import { Facts } from '../layout/facts.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { saveFile } from '../layout/save-file.js';
import { Section } from '../layout/section.js';
import { useIsAdministrator } from '../login/account.js';
import { counted, countText } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { clientCommand } from './client-command.js';
import { ReaderActions } from './reader-actions.js';
import { FORMATS, type SiemReader, siemReaderQuery } from './siem-readers.js';

/** One SIEM reader: how far it has come, and what its client needs. */
export function SiemReaderPage() {
  const { id } = useParams({ from: '/signed-in/siem-readers/$id' });
  const administrator = useIsAdministrator();
  const reader = useQuery(siemReaderQuery(id));
  return (
    <Page
      title={reader.data?.name ?? 'SIEM reader'}
      above={{ title: 'SIEM readers', to: '/siem-readers' }}
      description={reader.data && <DeliveryBadge delivery={reader.data.delivery} />}
      actions={administrator && reader.data && <ReaderActions reader={reader.data} />}
    >
      <Read query={reader} what="the SIEM reader">
        {(data) => (
          <Stack>
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Section title="Delivery">
                <DeliveryFacts reader={data} />
              </Section>
              <Section title="For its client">
                <Facts
                  rows={[
                    ['Format', FORMATS.find(({ value }) => value === data.format)?.label ?? data.format],
                    ['Stream', <Copyable key="s" value={data.stream} what="the stream" />],
                    ['Consumer', <Copyable key="c" value={data.consumer} what="the consumer" />],
                    ['Inbox prefix', <Copyable key="i" value={data.inboxPrefix} what="the inbox prefix" />],
                    [
                      'Servers',
                      data.servers.map((server) => <Copyable key={server} value={server} what="the address of NATS" />),
                    ],
                    ...(data.ca === null ? [] : [['Authority', <Authority key="a" ca={data.ca} />] as const]),
                    [
                      'Subjects',
                      <span key="p" className="mono">
                        {data.subjects.join(', ')}
                      </span>,
                    ],
                    ['Id', <Copyable key="id" value={data.id} what="the id" />],
                  ]}
                />
              </Section>
            </SimpleGrid>
            <Section title="Look at its next events">
              <Stack gap="xs">
                <Text size="sm">
                  With the command of NATS. It leaves the events unacknowledged, so that the SIEM still receives them.
                </Text>
                <Command text={clientCommand(data, 'FILE.creds', data.servers[0], data.ca !== null)} />
              </Stack>
            </Section>
          </Stack>
        )}
      </Read>
    </Page>
  );
}

/** The authority of NATS's certificate, which a client is given as a file. */
const Authority = ({ ca }: { readonly ca: string }) => (
  <Button variant="default" size="compact-xs" onClick={() => saveFile(ca, 'bus-ca.pem', 'application/x-pem-file')}>
    Download bus-ca.pem
  </Button>
);

function DeliveryFacts({ reader }: { readonly reader: SiemReader }) {
  const { format, conversion, delivery, fromNumber, fromTime, createdAt, createdBy, rotatedAt } = reader;
  const origin: readonly (readonly [string, ReactNode])[] = [
    ['Begins at', fromNumber === null ? <Time key="b" at={fromTime} /> : `number ${countText(fromNumber)}`],
    [
      'Created',
      <span key="c">
        <Time at={createdAt} /> by {createdBy}
      </span>,
    ],
    ['Credentials issued', <Time key="r" at={rotatedAt ?? createdAt} />],
  ];
  if (delivery === null)
    return (
      <>
        <Text size="sm" mb="xs">
          It is not known how far it has come: its consumer does not exist yet, or the audit service does not respond.
        </Text>
        <Facts rows={origin} />
      </>
    );
  return (
    <Facts
      rows={[
        ['Waiting', counted(delivery.waiting, 'event')],
        ['Unacknowledged', counted(delivery.unacknowledged, 'event')],
        ['Oldest of them', <Time key="o" at={delivery.oldestAt} />],
        ['Delivered', <Place key="d" done="fetched" number={delivery.deliveredNumber} at={delivery.deliveredAt} />],
        ...(format === 'ocsf' ? [['Converted', <Converted key="v" conversion={conversion} />] as const] : []),
        ['Acknowledged', <Place key="a" done="acknowledged" number={delivery.acknowledgedNumber} at={delivery.acknowledgedAt} />],
        ...origin,
      ]}
    />
  );
}

/** How far events are converted for readers of OCSF. */
function Converted({ conversion }: { readonly conversion: SiemReader['conversion'] }) {
  if (conversion === null) return 'not known';
  const left = conversion.waiting + conversion.unacknowledged;
  return (
    <span>
      through number {countText(conversion.acknowledgedNumber)} of the CloudEvents
      {left > 0 && (
        <>
          ; {counted(left, 'event')} not yet, the oldest stored <Time at={conversion.oldestAt} />
        </>
      )}
    </span>
  );
}

/** How far: up to which number of the stream, and when that was. */
const Place = ({
  done,
  number,
  at,
}: {
  readonly done: 'fetched' | 'acknowledged';
  readonly number: number;
  readonly at: string | null;
}) =>
  at === null ? (
    nothingYet(done, countText(number))
  ) : (
    <span>
      through number {countText(number)}, last <Time at={at} />
    </span>
  );

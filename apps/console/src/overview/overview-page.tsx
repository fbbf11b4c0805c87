import { Paper, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { DeliverySection } from '../delivery/delivery-section.js';
import { Email } from '../layout/email.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { Section } from '../layout/section.js';
import { nodesQuery } from '../node/nodes.js';
import { Bytes, counted, countText } from '../words/quantity.js';
import { Attention } from './attention.js';
import { everySpan } from './every-span.js';
import { Nothing } from './nothing.js';
import { type Overview, overviewQuery } from './overview.js';
import { SpanChart } from './span-chart.js';

/** Live sessions, the last hour and day, and what needs attention. */
export function OverviewPage() {
  const overview = useQuery(overviewQuery);
  return (
    <Page title="Overview">
      <Read query={overview} what="the overview">
        {(data) => (
          <Stack>
            <Figures overview={data} />
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <Section title="Sessions a minute, last hour">
                <SpanChart
                  title="Sessions a minute in the last hour"
                  spans={everySpan(data.minutes, data.at, 'minute')}
                  from="an hour ago"
                />
              </Section>
              <Section title="Sessions an hour, last day">
                <SpanChart
                  title="Sessions an hour in the last day"
                  spans={everySpan(data.hours, data.at, 'hour')}
                  from="a day ago"
                />
              </Section>
              <Section title="Servers with the most sessions or bytes, last day">
                <Shares shares={data.servers} what="Server" link={(id) => ({ to: '/queries', search: { resource: id } })} />
              </Section>
              <Section title="Users with the most sessions or bytes, last day">
                <Shares shares={data.users} what="User" link={(id) => ({ to: '/queries', search: { account: id } })} />
              </Section>
              <Section title="Refused and failed, last day">
                <Reasons reasons={data.reasons} />
              </Section>
              <Section title="Needs attention">
                <Attention findings={data.findings} />
              </Section>
            </SimpleGrid>
            <DeliverySection />
          </Stack>
        )}
      </Read>
    </Page>
  );
}

function Figures({ overview: { live, minutes, hours, factsWaiting } }: { readonly overview: Overview }) {
  const total = (spans: Overview['minutes']): number =>
    spans.reduce((sum, span) => sum + span.live + span.completed + span.refused + span.failed, 0);
  const bytes = hours.reduce((sum, span) => sum + span.bytes, 0);
  return (
    <SimpleGrid cols={{ base: 2, sm: 4, lg: 7 }}>
      <Figure title="Live sessions" value={countText(live)} />
      <Figure title="Bytes a second" value={<BytesPerSecond />} />
      <Figure title="Sessions, last hour" value={countText(total(minutes))} />
      <Figure title="Sessions, last day" value={countText(total(hours))} />
      <Figure title="Bytes of these" value={<Bytes count={bytes} />} />
      <Figure title="Nodes online" value={<NodesOnline />} />
      <Figure title="Audit is behind by" value={counted(factsWaiting, 'fact')} />
    </SimpleGrid>
  );
}

/** What relays carry now, as far as they say so. */
function BytesPerSecond() {
  const { data = [] } = useQuery(nodesQuery);
  const rates = data.map(({ bytesPerSecond }) => bytesPerSecond).filter((rate) => typeof rate === 'number');
  return <Bytes count={rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0)} />;
}

function NodesOnline() {
  const { data } = useQuery(nodesQuery);
  return (
    <TextLink to="/nodes" fz="inherit" fw="inherit">
      {data ? `${countText(data.filter(({ state }) => state !== 'offline').length)} of ${countText(data.length)}` : '—'}
    </TextLink>
  );
}

const Figure = ({ title, value }: { readonly title: string; readonly value: ReactNode }) => (
  <Paper withBorder p="md">
    <Text size="xs" c="dimmed">
      {title}
    </Text>
    <Text size="xl" fw={700} component="div">
      {value}
    </Text>
  </Paper>
);

function Shares({
  shares,
  what,
  link,
}: {
  readonly shares: Overview['servers'];
  readonly what: string;
  readonly link: (id: string) => { to: '/queries'; search: { resource?: string; account?: string } };
}) {
  if (shares.length === 0) return <Nothing>No sessions in the last day</Nothing>;
  return (
    <Table verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{what}</Table.Th>
          <Table.Th ta="right">Sessions</Table.Th>
          <Table.Th ta="right">Bytes</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shares.map(({ id, name, sessions, bytes }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <TextLink {...link(id)}>
                <Email address={name ?? id} />
              </TextLink>
            </Table.Td>
            <Table.Td ta="right">{countText(sessions)}</Table.Td>
            <Table.Td ta="right">
              <Bytes count={bytes} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Reasons({ reasons }: { readonly reasons: Overview['reasons'] }) {
  if (reasons.length === 0) return <Nothing>Nothing was refused or failed in the last day</Nothing>;
  return (
    <Table verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Outcome</Table.Th>
          <Table.Th>Reason</Table.Th>
          <Table.Th ta="right">Count</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {reasons.map(({ outcome, endReason, count }) => (
          <Table.Tr key={`${outcome} ${endReason}`}>
            <Table.Td>{outcome}</Table.Td>
            <Table.Td>{endReason}</Table.Td>
            <Table.Td ta="right">{countText(count)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

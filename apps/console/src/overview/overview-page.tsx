import { Paper, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { Section } from '../layout/section.js';
import { nodesQuery } from '../node/nodes.js';
import { viewOf } from '../server/health.js';
import { serversQuery } from '../server/servers.js';
import { Bytes, counted, countText } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { everySpan } from './every-span.js';
import { FINDING_TEXTS } from './finding-texts.js';
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
                <SpanChart title="Sessions a minute in the last hour" spans={everySpan(data.minutes, data.at, 'minute')} />
              </Section>
              <Section title="Sessions an hour, last day">
                <SpanChart title="Sessions an hour in the last day" spans={everySpan(data.hours, data.at, 'hour')} />
              </Section>
              <Section title="Servers with the most sessions, last day">
                <Shares shares={data.servers} what="Server" link={(id) => ({ to: '/queries', search: { resource: id } })} />
              </Section>
              <Section title="Users with the most sessions, last day">
                <Shares shares={data.users} what="User" link={(id) => ({ to: '/queries', search: { account: id } })} />
              </Section>
              <Section title="Refused and failed, last day">
                <Reasons reasons={data.reasons} />
              </Section>
              <Section title="Needs attention">
                <Attention findings={data.findings} />
              </Section>
            </SimpleGrid>
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
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
      <Figure title="Live sessions" value={countText(live)} />
      <Figure title="Sessions, last hour" value={countText(total(minutes))} />
      <Figure title="Sessions, last day" value={countText(total(hours))} />
      <Figure title="Bytes of these" value={<Bytes count={bytes} />} />
      <Figure title="Audit is behind by" value={counted(factsWaiting, 'fact')} />
    </SimpleGrid>
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

const Nothing = ({ children }: { readonly children: ReactNode }) => (
  <Text size="sm" c="dimmed">
    {children}
  </Text>
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
              <TextLink className="breakable" {...link(id)}>
                {name ?? id}
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

/** What is wrong with facts, servers that nobody reaches, and nodes that are away. */
function Attention({ findings }: Pick<Overview, 'findings'>) {
  const servers = useQuery(serversQuery);
  const nodes = useQuery(nodesQuery);
  const unhealthy = (servers.data ?? []).filter(({ health }) => viewOf(health).view === 'unhealthy');
  const away = (nodes.data ?? []).filter(({ state }) => state !== 'online');
  if (servers.data === undefined || nodes.data === undefined) return <Nothing>Reading</Nothing>;
  if (findings.length === 0 && unhealthy.length === 0 && away.length === 0)
    return (
      <Nothing>
        {servers.data.length > 0 ? (
          'All servers are reached'
        ) : (
          <>
            There are no servers yet (<TextLink to="/servers">add the first one</TextLink>)
          </>
        )}
        , all nodes are online, and nothing was wrong with facts in the last day
      </Nothing>
    );
  const nameOf = (author: string | null) => nodes.data.find(({ id }) => id === author)?.name ?? author ?? 'an unknown author';
  return (
    <Stack gap={6}>
      {findings.map(({ kind, author, count, lastAt }) => (
        <Text size="sm" key={`${kind} ${author}`}>
          <Text span inherit c="red" fw={600}>
            Evidence:
          </Text>{' '}
          <span className="breakable">{nameOf(author)}</span> published {FINDING_TEXTS[kind]} ({counted(count, 'finding')}, last{' '}
          <Time at={lastAt} />)
        </Text>
      ))}
      {unhealthy.slice(0, SHOWN).map(({ id, name, health }) => (
        <Text size="sm" key={id}>
          <TextLink underline="always" className="breakable" to="/servers/$id" params={{ id }}>
            {name}
          </TextLink>{' '}
          is unhealthy: {viewOf(health).why}
        </Text>
      ))}
      {unhealthy.length > SHOWN && (
        <TextLink underline="always" to="/servers" search={{ search: 'health:unhealthy' }}>
          {counted(unhealthy.length - SHOWN, 'more unhealthy server')}
        </TextLink>
      )}
      {away.map(({ id, name, kind, state }) => (
        <Text size="sm" key={id}>
          The {kind}{' '}
          <TextLink underline="always" to="/nodes">
            {name}
          </TextLink>{' '}
          is {state}
        </Text>
      ))}
    </Stack>
  );
}

const SHOWN = 8;

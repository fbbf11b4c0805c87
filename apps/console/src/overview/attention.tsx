import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deliveryQuery, readerName } from '../delivery/delivery.js';
import { deliveryState } from '../delivery/delivery-state.js';
import { TextLink } from '../layout/text-link.js';
import { nodesQuery } from '../node/nodes.js';
import { viewOf } from '../server/health.js';
import { serversQuery } from '../server/servers.js';
import { counted } from '../words/quantity.js';
import { Time, useNow } from '../words/time.js';
import { FINDING_TEXTS } from './finding-texts.js';
import { Nothing } from './nothing.js';
import type { Overview } from './overview.js';

/** How many unhealthy servers are named. */
const SHOWN = 8;

/** What is wrong with facts, who does not receive them, servers that nobody reaches, and nodes that are away. */
export function Attention({ findings }: Pick<Overview, 'findings'>) {
  const servers = useQuery(serversQuery);
  const nodes = useQuery(nodesQuery);
  const delivery = useQuery(deliveryQuery);
  const now = useNow();
  const unhealthy = (servers.data ?? []).filter(({ health }) => viewOf(health).view === 'unhealthy');
  const away = (nodes.data ?? []).filter(({ state }) => state !== 'online');
  const late = (delivery.data?.readers ?? [])
    .map((reader) => ({ ...reader, state: deliveryState(reader.delivery, now) }))
    .filter(({ state }) => state === 'behind' || state === 'not receiving');
  if (servers.data === undefined || nodes.data === undefined) return <Nothing>Reading</Nothing>;
  if (findings.length === 0 && unhealthy.length === 0 && away.length === 0 && late.length === 0)
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
  const nameOf = (author: string | null) => nodes.data.find(({ id }) => id === author)?.name ?? author ?? 'somebody unknown';
  return (
    <Stack gap={6}>
      {findings.map(({ kind, author, count, lastAt }) => (
        <div key={`${kind} ${author}`}>
          <Text size="sm">
            <Text span inherit c="red" fw={600}>
              Evidence:
            </Text>{' '}
            <strong className="breakable">{nameOf(author)}</strong> {FINDING_TEXTS[kind].what} (
            {count === 1 ? 'once' : counted(count, 'time')}, last <Time at={lastAt} />)
          </Text>
          <Text size="xs" c="dimmed">
            {FINDING_TEXTS[kind].means}
          </Text>
        </div>
      ))}
      {late.map(({ kind, id, name, state, delivery: { oldestAt } }) => (
        <Text size="sm" key={name}>
          {id === null ? (
            readerName({ kind, name })
          ) : (
            <>
              The SIEM reader{' '}
              <TextLink underline="always" to="/siem-readers/$id" params={{ id }}>
                {name}
              </TextLink>
            </>
          )}{' '}
          is {state}: its oldest event was stored <Time at={oldestAt} />
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

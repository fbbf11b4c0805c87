import { Loader, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Problem } from '../api/problem.js';
import { Copyable } from '../layout/copyable.js';
import { Facts } from '../layout/facts.js';
import { Page } from '../layout/page.js';
import { useAccount, useIsAdministrator } from '../login/account.js';
import { nodesQuery } from '../node/nodes.js';
import { TagList } from '../layout/tag-list.js';
import { TextLink } from '../layout/text-link.js';
import { Section } from '../layout/section.js';
import { countText } from '../words/quantity.js';
import { CountedBytes, EXACTNESS_WORDS } from './counted-bytes.js';
import { EndSession } from './end-session.js';
import { Outcome } from './outcome.js';
import { FactsTimeLine, RecordTimeLine, SessionFacts } from './session-facts.js';
import { type Session, sessionQuery } from './sessions.js';

/** One session's record. */
export function SessionPage() {
  const { id } = useParams({ from: '/signed-in/queries/$id' });
  const administrator = useIsAdministrator();
  const { apiRole } = useAccount();
  const { data: session, error, refetch } = useQuery(sessionQuery(id));
  return (
    <Page
      title={session ? `${session.account.email ?? 'Somebody'} to ${session.resource.name ?? 'a server'}` : 'Session'}
      above={{ title: 'Queries', to: '/queries' }}
      description={session && <Outcome session={session} />}
      actions={administrator && session?.state === 'live' && <EndSession session={session} size="sm" label="End session" />}
    >
      {session ? (
        <>
          <Record session={session} />
          {apiRole !== 'user' && <SessionFacts id={session.id} />}
        </>
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <Loader aria-label="Loading the session" />
      )}
    </Page>
  );
}

function Record({ session }: { readonly session: Session }) {
  const { apiRole } = useAccount();
  const { account, resource, relay } = session;
  const server = <span className="breakable">{resource.name ?? resource.id}</span>;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section title="Who and what">
        <Facts
          rows={[
            ['User', account.email ?? account.id],
            [
              'Server',
              apiRole === 'user' ? (
                server
              ) : (
                <TextLink to="/servers/$id" params={{ id: resource.id }}>
                  {server}
                </TextLink>
              ),
            ],
            ['Tags then', resource.tags ? <TagList tags={resource.tags} /> : '—'],
            ['Allowed by', session.rule ?? '—'],
            ['Client address', copyable(session.clientAddress, "the client's address")],
            ['Proxy cluster', session.proxyCluster === 'default' ? 'None' : (session.proxyCluster ?? '—')],
            ['Gateway', <GatewayName key="gateway" session={session} />],
            ['Relay', relay?.name ?? '—'],
            ['Dialled address', copyable(session.dialledAddress, 'the dialled address')],
            ['Session id', <Copyable key="id" value={session.id} what="the session's id" />],
            ['Request id', <Copyable key="request" value={session.requestId} what="the request's id" />],
          ]}
        />
      </Section>
      <Section title="Time line">
        {apiRole === 'user' ? <RecordTimeLine session={session} /> : <FactsTimeLine session={session} />}
      </Section>
      <Section title="Bytes">
        <Facts
          rows={[
            ['Up', <CountedBytes key="up" count={session.bytesUp} exactness={session.exactness} />],
            ['Down', <CountedBytes key="down" count={session.bytesDown} exactness={session.exactness} />],
            ['Exactness', session.exactness === null ? '—' : EXACTNESS_WORDS[session.exactness]],
            ['Counted by the agent', agentCounts(session)],
          ]}
        />
        {session.countsDiffer && (
          <Text c="red" size="sm" mt="xs" role="alert">
            The agent and the relay counted differently although the session ended in order. Look into it.
          </Text>
        )}
      </Section>
      <Section title="The end">
        <Facts
          rows={[
            ['Record', session.state],
            ['Outcome', session.outcome ?? '—'],
            ['End reason', session.endReason ?? '—'],
            ['Message', session.message ?? '—'],
            [
              'Ended by',
              session.endedBy ? `${session.endedBy.email}${session.endedBy.why === null ? '' : `: ${session.endedBy.why}`}` : '—',
            ],
            ['Cut after the change', session.revocationMs === null ? '—' : `${countText(session.revocationMs)} ms`],
            ['Attempt', String(session.attempt)],
            ['Alike attempts', String(session.repeats)],
            ['Source', session.source === 'relay' ? 'the relay that carried it' : 'the agent: no relay answered'],
          ]}
        />
      </Section>
    </SimpleGrid>
  );
}

const copyable = (value: string | null, what: string) => (value === null ? '—' : <Copyable value={value} what={what} />);

/** The gateway that carried a session: by its name for those who may read the nodes, and as long as it has not been deleted. */
function GatewayName({ session: { gateway, relay } }: { readonly session: Session }) {
  const { apiRole } = useAccount();
  const nodes = useQuery({ ...nodesQuery, enabled: apiRole !== 'user', refetchInterval: false });
  if (gateway === null) return relay ? 'none: straight to the relay' : '—';
  const name = nodes.data?.find(({ id }) => id === gateway)?.name;
  return name ?? <Copyable value={gateway} what="the gateway's id" />;
}

const agentCounts = ({ agentBytesUp, agentBytesDown }: Session): string =>
  agentBytesUp === null || agentBytesDown === null ? '—' : `${countText(agentBytesUp)} up, ${countText(agentBytesDown)} down`;

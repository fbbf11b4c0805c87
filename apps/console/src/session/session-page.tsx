import { Loader, SimpleGrid, Text } from '@mantine/core';
import { DEFAULT_CLUSTER, exactnessOf } from '@sluice/domain';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Problem } from '../api/problem.js';
import { clustersQuery } from '../cluster/clusters.js';
import { Copyable } from '../layout/copyable.js';
import { Email } from '../layout/email.js';
import { Facts } from '../layout/facts.js';
import { Page } from '../layout/page.js';
import { meQuery, useAccount, useIsAdministrator } from '../login/account.js';
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
            ['User', <Email key="user" address={account.email ?? account.id} />],
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
            ...(apiRole === 'user' ? [] : [['Proxy cluster', <ClusterName key="cluster" id={session.proxyCluster} />] as const]),
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
            ['Up', <CountedBytes key="up" count={session.bytesUp} session={session} />],
            ['Down', <CountedBytes key="down" count={session.bytesDown} session={session} />],
            ['Exactness', session.bytesUp === null && session.state === 'final' ? '—' : EXACTNESS_WORDS[exactnessOf(session)]],
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

/** The gateway that carried a session: by its name for those who may read the nodes, by its address for others; by its id once it is deleted. */
function GatewayName({ session: { gateway, relay } }: { readonly session: Session }) {
  const { data: me } = useSuspenseQuery(meQuery);
  const reads = me?.account.apiRole !== 'user';
  const nodes = useQuery({ ...nodesQuery, enabled: reads, refetchInterval: false });
  if (gateway === null) return relay ? 'none: straight to the relay' : '—';
  const known = reads
    ? nodes.data?.find(({ id }) => id === gateway)?.name
    : me?.gateways.find(({ id }) => id === gateway)?.address;
  return known ?? <Copyable value={gateway} what="the gateway's id" />;
}

/** The proxy cluster of the relay that carried a session: by its name, and by its id once it is deleted. */
function ClusterName({ id }: { readonly id: string | null }) {
  const clusters = useQuery(clustersQuery);
  if (id === null || id === DEFAULT_CLUSTER) return id ?? '—';
  return clusters.data?.find((cluster) => cluster.id === id)?.name ?? <Copyable value={id} what="the cluster's id" />;
}

const agentCounts = ({ agentBytesUp, agentBytesDown }: Session): string =>
  agentBytesUp === null || agentBytesDown === null ? '—' : `${countText(agentBytesUp)} up, ${countText(agentBytesDown)} down`;

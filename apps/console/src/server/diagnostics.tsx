import { Button, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { clusterText } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { Radar } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client.js';
import { messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Command, Copyable } from '../layout/copyable.js';
import { Facts } from '../layout/facts.js';
import { Section } from '../layout/section.js';
import { TagList } from '../layout/tag-list.js';
import { WideTable } from '../layout/wide-table.js';
import { useIsAdministrator } from '../login/account.js';
import { shellWord } from '../words/shell-word.js';
import { Time } from '../words/time.js';
import { checkText } from './check-text.js';
import { clientAddress, type Server, serverQuery } from './servers.js';
import { TlsCheck } from './tls-check.js';

/** What each node knows about a server, an immediate check, and what to try if it cannot be reached. */
export function Diagnostics({ server }: { readonly server: Server }) {
  const administrator = useIsAdministrator();
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title="Addresses">
          <Facts
            rows={[
              ['Clients connect to', <Copyable key="a" value={clientAddress(server)} what="the address for clients" />],
              ['Relays dial', <Copyable key="e" value={`${server.hostname}:${server.port}`} what="the endpoint" />],
              ['Proxy cluster', clusterText(server.proxyCluster)],
              ['Connectivity mode', server.connectivityMode === 'loopback' ? 'Loopback' : 'Virtual network'],
              ['Tags', <TagList key="t" tags={server.tags} />],
              ['Added', <Time key="c" at={server.createdAt} />],
              ['Id', <Copyable key="i" value={server.id} what="the id" />],
            ]}
          />
        </Section>
        <Section title="Checks" actions={administrator && <CheckNow server={server} />}>
          <Flapping changes={server.health.flapping} />
          <NodesHealth server={server} />
        </Section>
      </SimpleGrid>
      {administrator && <TlsCheck server={server} />}
      <WhatToTry server={server} />
    </Stack>
  );
}

function Flapping({ changes }: { readonly changes: readonly string[] | undefined }) {
  if (changes === undefined) return null;
  return (
    <Text size="sm" c="orange" mb="xs">
      It is flapping: it changed at{' '}
      {changes.map((at, index) => (
        <span key={at}>
          {index > 0 && ', '}
          <Time at={at} />
        </span>
      ))}
      .
    </Text>
  );
}

function NodesHealth({ server }: { readonly server: Server }) {
  const { nodes } = server.health;
  if (nodes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {server.check === 'off'
          ? 'Relays do not check this server: only sessions show its health.'
          : 'No relay serves this server yet. As soon as one does, it checks the server.'}
      </Text>
    );
  }
  return (
    <WideTable label="Checks by node">
      <Table verticalSpacing={6} aria-label="Checks by node">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Last check</Table.Th>
            <Table.Th ta="right">Round trip</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {nodes.map((node) => (
            <Table.Tr key={node.nodeId}>
              <Table.Td>
                <span className="breakable">{node.nodeName}</span>
              </Table.Td>
              <Table.Td>
                <Text size="sm" c={node.state === 'healthy' ? 'green' : node.state === 'unhealthy' ? 'red' : 'dimmed'}>
                  {node.state}
                </Text>
                {node.state !== 'healthy' && node.lastError !== undefined && (
                  <Text size="xs" className="breakable">
                    {node.lastError}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Time at={node.checkedAt} none="not yet" />
              </Table.Td>
              <Table.Td ta="right">{node.roundTripMs === undefined ? '—' : `${node.roundTripMs} ms`}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

function CheckNow({ server: { id } }: { readonly server: Server }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{ ok: boolean; text: string }>();
  const check = async () => {
    setBusy(true);
    setResult(undefined);
    try {
      const checked = await unwrap(api.POST('/api/v1/servers/{id}/check', { params: { path: { id } } }));
      setResult({ ok: checked.state === 'healthy', text: checkText(checked) });
      await queryClient.invalidateQueries({ queryKey: serverQuery(id).queryKey });
    } catch (error) {
      setResult({ ok: false, text: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group gap="xs">
      {result && (
        <Text size="sm" c={result.ok ? 'green' : 'red'} role="status">
          {result.text}
        </Text>
      )}
      <Button size="xs" variant="light" leftSection={<Radar size={14} />} loading={busy} onClick={() => void check()}>
        Check now
      </Button>
    </Group>
  );
}

/** What to try when a server is not reached, with the commands filled in. */
function WhatToTry({ server }: { readonly server: Server }) {
  const { hostname, port } = server;
  const address = clientAddress(server);
  const client = address.slice(0, address.lastIndexOf(':'));
  return (
    <Section title={server.health.state === 'healthy' ? 'If a client cannot connect' : 'What to try'}>
      <Stack gap="sm">
        <Step title="On the machine of the relay: does the service answer at this host and port?">
          <Command text={`nc -vz -w 5 ${hostname} ${port}`} />
        </Step>
        <Step title="Refused: the service is not running or listens at another address. Timed out: a firewall or a route is in the way.">
          <Command text={`ss -ltn 'sport = :${port}'   # on the machine of the service`} />
        </Step>
        <Step title="On a user's machine: does it answer through Sluice?">
          <Command text={`sluice connect ${shellWord(server.name)}\nnc -vz -w 5 ${client} ${server.portOverride}`} />
        </Step>
        <Step title="With TLS: the client connects to another name than that of the certificate, so it must be given the name.">
          <Command text={`openssl s_client -connect ${address} -servername ${hostname} -verify_hostname ${hostname}`} />
        </Step>
        <Text size="sm" c="dimmed">
          A service that redirects its clients to other addresses or needs several ports, such as Kafka or the cluster mode of a
          database, does not work through one port.
        </Text>
      </Stack>
    </Section>
  );
}

const Step = ({ title, children }: { readonly title: string; readonly children: React.ReactNode }) => (
  <div>
    <Text size="sm" mb={4}>
      {title}
    </Text>
    {children}
  </div>
);

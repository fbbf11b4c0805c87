import { Button, NumberInput, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.js';
import { notifyProblem } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { notifyChange } from '../api/reach.js';
import { Email } from '../layout/email.js';
import { FormDialog } from '../layout/form-dialog.js';
import { TextLink } from '../layout/text-link.js';
import { counted } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { lossWithout } from './loss-without.js';
import type { Node } from './nodes.js';
import { carriedBy, MOST_CARRIED, type RunningSession, sessionsThrough } from './sessions-through.js';

/** Longest time until the deadline, in seconds. */
const MAX_SECONDS = 86_400;
/** How many of the running sessions are listed. */
const LISTED = 8;

/** Takes a node out of service, after it has shown who is connected through it; or changes the deadline of a drain. */
export function DrainNode({ node, nodes }: { readonly node: Node; readonly nodes: readonly Node[] }) {
  const { id, name, version, drain } = node;
  const [opened, { open, close }] = useDisclosure();
  const [seconds, setSeconds] = useState<number | string>('');
  const submit = async () => {
    const body = { version, deadlineSeconds: seconds === '' ? null : Number(seconds) };
    const { reach } = await unwrap(api.POST('/api/v1/nodes/{id}/drain', { params: { path: { id } }, body }));
    await queryClient.invalidateQueries({ queryKey: ['node'] });
    notifyChange(`${name} accepts nothing new`, reach);
  };
  const loss = drain ? undefined : lossWithout(node, nodes);
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={open}>
        {drain ? 'Deadline' : 'Drain'}
      </Button>
      <FormDialog opened={opened} onClose={close} title={`Drain ${name}?`} submit="Drain" onSubmit={submit}>
        <Text size="sm">
          {drain ? 'It accepts nothing new already.' : 'It accepts nothing new until it is undrained, also when it is restarted.'}
          {loss !== undefined && <strong> {loss}</strong>}
        </Text>
        {opened && <Running node={node} isEnded={seconds !== ''} />}
        <NumberInput
          label="Deadline, seconds"
          description="Sessions that still run then are ended, as drained. Empty: they may run until they end"
          min={0}
          max={MAX_SECONDS}
          allowDecimal={false}
          hideControls
          data-autofocus
          value={seconds}
          onChange={setSeconds}
        />
      </FormDialog>
    </>
  );
}

/** Puts a drained node into service again. */
export function UndrainNode({ node: { id, name, version } }: { readonly node: Node }) {
  const [busy, setBusy] = useState(false);
  const undrain = async () => {
    setBusy(true);
    try {
      const { reach } = await unwrap(api.POST('/api/v1/nodes/{id}/undrain', { params: { path: { id } }, body: { version } }));
      await queryClient.invalidateQueries({ queryKey: ['node'] });
      notifyChange(`${name} is in service again`, reach);
    } catch (error) {
      notifyProblem(`${name} is still drained`, error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="light" size="compact-xs" loading={busy} onClick={() => void undrain()}>
      Undrain
    </Button>
  );
}

/** Who is connected through the node, and what becomes of it. */
function Running({ node, isEnded }: { readonly node: Node; readonly isEnded: boolean }) {
  const { data } = useQuery(sessionsThrough(node));
  if (data === undefined) return null;
  const end = data.length === 1 ? 'ends' : 'end';
  const fate = isEnded
    ? `${end} at the deadline, unless ended before`
    : `may run until ${data.length === 1 ? 'it ends' : 'they end'}`;
  return (
    <Stack gap="xs">
      <Text size="sm" role="status">
        {data.length === 0
          ? 'No session runs through it.'
          : `${counted(data.length, 'session')}${data.length === MOST_CARRIED ? ' or more' : ''} through it ${fate}.`}
      </Text>
      {data.length > 0 && <SessionList sessions={data.slice(0, LISTED)} />}
      {data.length > LISTED && (
        <TextLink to="/queries" search={{ ...carriedBy(node), state: 'running' }}>
          All {data.length}
        </TextLink>
      )}
    </Stack>
  );
}

const SessionList = ({ sessions }: { readonly sessions: readonly RunningSession[] }) => (
  <Table verticalSpacing={4} aria-label="Running sessions">
    <Table.Thead>
      <Table.Tr>
        <Table.Th>User</Table.Th>
        <Table.Th>Server</Table.Th>
        <Table.Th>Began</Table.Th>
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {sessions.map(({ id, account, resource, startedAt }) => (
        <Table.Tr key={id}>
          <Table.Td>
            <Email address={account.email ?? account.id} />
          </Table.Td>
          <Table.Td>
            <span className="breakable">{resource.name ?? resource.id}</span>
          </Table.Td>
          <Table.Td>
            <Time at={startedAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
);

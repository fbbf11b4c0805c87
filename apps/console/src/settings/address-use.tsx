import { Paper, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { type ConnectivityMode, rangeOf } from '@sluice/domain';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { placesQuery, type Place } from './places.js';
import { TextLink } from '../layout/text-link.js';
import { counted, countText } from '../words/quantity.js';
import type { Settings } from './settings.js';

/** Which addresses of the organization's ranges are used, and by how many servers. */
export function AddressUse({ settings }: { readonly settings: Settings }) {
  const { data } = useQuery(placesQuery);
  if (data === undefined) return null;
  return (
    <Stack>
      <Range mode="loopback" settings={settings} places={data} />
      {settings.virtualNetworking && <Range mode="virtual-network" settings={settings} places={data} />}
    </Stack>
  );
}

const SHOWN = 5;

function Range({
  mode,
  settings,
  places,
}: {
  readonly mode: ConnectivityMode;
  readonly settings: Settings;
  readonly places: readonly Place[];
}) {
  const used = useMemo(() => {
    const byAddress = new Map<string, number>();
    for (const { connectivityMode, bindAddress } of places)
      if (connectivityMode === mode) byAddress.set(bindAddress, (byAddress.get(bindAddress) ?? 0) + 1);
    return [...byAddress].sort((a, b) => b[1] - a[1]);
  }, [places, mode]);
  const range = rangeOf(mode, settings);
  const size = Number(range.last - range.first) + 1;
  const percent = Math.min(100, (used.length / size) * 100);
  return (
    <Paper withBorder p="sm">
      <Title order={3} size="h6">
        {mode === 'loopback' ? 'Loopback range' : 'Virtual subnet'} {range.text}
      </Title>
      <Text size="sm" c="dimmed" mb={6}>
        {countText(used.length)} of {counted(size, 'address', 'addresses')} used
      </Text>
      <Progress value={percent} aria-label={`${percent.toFixed(1)} percent of ${range.text} used`} mb="xs" />
      {used.length > 0 && (
        <Table verticalSpacing={2} aria-label={`Addresses of ${range.text} with the most servers`}>
          <Table.Tbody>
            {used.slice(0, SHOWN).map(([address, count]) => (
              <Table.Tr key={address}>
                <Table.Td className="mono">{address}</Table.Td>
                <Table.Td ta="right">
                  <TextLink to="/servers" search={{ search: `address:${address}:` }}>
                    {counted(count, 'server')}
                  </TextLink>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}

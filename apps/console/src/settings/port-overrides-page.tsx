import { ActionIcon, Button, Group, Text, TextInput } from '@mantine/core';
import { parsePortOverride } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { useQuery } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api } from '../api/client.js';
import { messageOf } from '../api/problem.js';
import { queryClient } from '../api/query-client.js';
import { Copyable } from '../layout/copyable.js';
import { EmptyState } from '../layout/empty-state.js';
import { Page } from '../layout/page.js';
import { Read } from '../layout/read.js';
import { TextLink } from '../layout/text-link.js';
import { useIsAdministrator } from '../login/account.js';
import { type Column, DataTable } from '../table/data-table.js';
import { SearchBox } from '../table/search-box.js';
import { counted } from '../words/quantity.js';
import { occupantOf, type Place, placesQuery } from './places.js';

/** The port of every server at the address where clients find it, changed in place. */
export function PortOverridesPage() {
  const places = useQuery(placesQuery);
  const [search, setSearch] = useState('');
  const columns = useMemo(
    (): readonly Column<Place>[] => [
      {
        id: 'name',
        title: 'Server',
        cell: ({ id, name }) => (
          <TextLink className="breakable" to="/servers/$id" params={{ id }}>
            {name}
          </TextLink>
        ),
        sortBy: ({ name }) => name,
      },
      {
        id: 'mode',
        title: 'Mode',
        cell: ({ connectivityMode }) => connectivityMode,
        sortBy: ({ connectivityMode }) => connectivityMode,
        from: 'sm',
      },
      {
        id: 'address',
        title: 'Address',
        cell: ({ name, bindAddress }) => <Copyable value={bindAddress} what={`the address of ${name}`} />,
        sortBy: ({ bindAddress }) => bindAddress,
      },
      {
        id: 'port',
        title: 'Port override',
        cell: (place) => <PortCell place={place} places={places.data ?? []} />,
        sortBy: ({ portOverride }) => portOverride,
      },
      {
        id: 'endpoint',
        title: 'Endpoint',
        cell: ({ name, hostname, port }) => <Copyable value={`${hostname}:${port}`} what={`the endpoint of ${name}`} />,
        from: 'md',
      },
    ],
    [places.data],
  );
  const shown = useMemo(() => {
    const part = search.trim().toLowerCase();
    return (places.data ?? []).filter(
      ({ name, bindAddress, portOverride }) =>
        name.toLowerCase().includes(part) || `${bindAddress}:${portOverride}`.includes(part),
    );
  }, [places.data, search]);
  return (
    <Page
      title="Port Overrides"
      description={places.data && `The port of ${counted(places.data.length, 'server')} at the address where clients find it`}
    >
      <Read query={places} what="the port overrides">
        {(data) =>
          data.length === 0 ? (
            <EmptyState title="There are no servers yet">Each one gets a port when it is added.</EmptyState>
          ) : (
            <>
              <Group>
                <SearchBox label="Search port overrides" value={search} suggestions={[]} onChange={setSearch} />
              </Group>
              <DataTable
                label="Port overrides"
                columns={columns}
                rows={shown}
                rowId={({ id }) => id}
                initialSort={{ id: 'name' }}
              />
            </>
          )
        }
      </Read>
    </Page>
  );
}

function PortCell({ place, places }: { readonly place: Place; readonly places: readonly Place[] }) {
  const administrator = useIsAdministrator();
  const [typed, setTyped] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (typed === undefined) {
    return (
      <Group gap={4} wrap="nowrap">
        <span className="mono">{place.portOverride}</span>
        {administrator && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            title="Change"
            aria-label={`Change the port of ${place.name}`}
            onClick={() => setTyped(String(place.portOverride))}
          >
            <Pencil size={14} />
          </ActionIcon>
        )}
      </Group>
    );
  }
  const why = whyNot(typed, place, places);
  const close = () => {
    setTyped(undefined);
    setFailure(undefined);
  };
  const save = async () => {
    if (why !== undefined) return;
    setBusy(true);
    try {
      const { id, version } = place;
      await unwrap(
        api.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body: { version, portOverride: Number(typed) } }),
      );
      await queryClient.invalidateQueries({ queryKey: ['server'] });
      close();
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <Group gap={6} wrap="nowrap" align="flex-start">
        <TextInput
          size="xs"
          w={90}
          autoFocus
          inputMode="numeric"
          aria-label={`Port of ${place.name}`}
          value={typed}
          error={why !== undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button size="xs" type="submit" loading={busy} disabled={why !== undefined}>
          Save
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          Cancel
        </Button>
      </Group>
      {(why ?? failure) !== undefined && (
        <Text size="xs" c="red" role="alert">
          {why ?? failure}
        </Text>
      )}
    </form>
  );
}

/** Why a port cannot be taken; undefined if it can. */
function whyNot(typed: string, place: Place, places: readonly Place[]): string | undefined {
  const port = parsePortOverride(typed.trim(), place.connectivityMode);
  if (!port.ok) return port.refusal.message;
  const occupant = occupantOf(places, place, port.value);
  return occupant && `${occupant.name} has ${place.bindAddress}:${port.value}`;
}

import { DEFAULT_CLUSTER, END_REASONS, OUTCOMES } from '@sluice/domain';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type Cluster, clustersQuery } from '../cluster/clusters.js';
import { useAccount } from '../login/account.js';
import { type Node, nodesQuery } from '../node/nodes.js';
import { type Choice, type FilterField, FilterForm } from '../table/filter-form.js';
import type { SessionFilters } from './sessions.js';

/** The filters of the session log, as the API has them. */
export function SessionFilterForm({ filters }: { readonly filters: SessionFilters }) {
  const navigate = useNavigate();
  const { apiRole } = useAccount();
  const reads = apiRole !== 'user';
  const nodes = useQuery({ ...nodesQuery, enabled: reads, refetchInterval: false });
  const clusters = useQuery({ ...clustersQuery, enabled: reads });
  const gateways = (nodes.data ?? []).filter(({ kind }) => kind === 'gateway').map(choiceOf);
  const fields: readonly FilterField[] = [
    {
      name: 'filter',
      label: 'Search',
      placeholder: 'orders tag:env=prod bytes>1GiB',
      kind: 'text',
      suggestions: suggestionsFor(nodes.data ?? [], clusters.data ?? []),
    },
    { name: 'resource', label: 'Server', placeholder: 'name or id', kind: 'text' },
    ...(reads ? [{ name: 'account', label: 'User', placeholder: 'e-mail or id', kind: 'text' } as const] : []),
    { name: 'state', label: 'State', kind: ['running', 'ended'] },
    { name: 'outcome', label: 'Outcome', kind: OUTCOMES },
    { name: 'since', label: 'Since', kind: 'moment' },
    { name: 'until', label: 'Until', kind: 'moment' },
    { name: 'endReason', label: 'End reason', kind: END_REASONS, isRare: true },
    { name: 'clientAddress', label: 'Client address', placeholder: 'IP address', kind: 'text', isRare: true },
    { name: 'rule', label: 'Rule', placeholder: 'role readers', kind: 'text', isRare: true },
    { name: 'node', label: 'Relay', placeholder: 'name or id', kind: 'text', isRare: true },
    ...(reads
      ? [
          {
            name: 'proxyCluster',
            label: 'Proxy cluster',
            kind: withGiven(
              [{ value: DEFAULT_CLUSTER, label: DEFAULT_CLUSTER }, ...(clusters.data ?? []).map(choiceOf)],
              filters.proxyCluster,
            ),
            isRare: true,
          },
          { name: 'gateway', label: 'Gateway', kind: withGiven(gateways, filters.gateway), isRare: true },
        ]
      : []),
  ];
  return <FilterForm fields={fields} values={filters} onApply={(search) => void navigate({ to: '/queries', search })} />;
}

/** What completes a filter as text: its fields, with their values where these are known. */
function suggestionsFor(nodes: readonly Node[], clusters: readonly Cluster[]): string[] {
  return [
    ...['server:', 'account:', 'tag:', 'address:', 'rule:', 'bytes>', 'bytes<', 'duration>', 'duration<', 'since:', 'until:'],
    ...['live:yes', 'live:no', `cluster:${DEFAULT_CLUSTER}`],
    ...nodes.map(({ kind, name }) => `${kind}:${name}`), // names of nodes have no spaces
    ...clusters.map(({ name }) => `cluster:${quoted(name)}`),
    ...OUTCOMES.map((outcome) => `outcome:${outcome}`),
    ...END_REASONS.map((reason) => `reason:${quoted(reason)}`),
  ];
}

/** A value as it stands in a filter. */
const quoted = (value: string): string => (/[\s"]/.test(value) ? `"${value}"` : value);

const choiceOf = ({ id, name }: { readonly id: string; readonly name: string }): Choice => ({ value: id, label: name });

/** A gateway or cluster that was deleted is still in records, and in addresses that somebody kept. */
const withGiven = (choices: readonly Choice[], given: string | undefined): readonly Choice[] =>
  given === undefined || choices.some(({ value }) => value === given) ? choices : [...choices, { value: given, label: given }];

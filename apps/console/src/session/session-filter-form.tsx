import { DEFAULT_CLUSTER, END_REASONS, OUTCOMES } from '@sluice/domain';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { clustersQuery } from '../cluster/clusters.js';
import { useAccount } from '../login/account.js';
import { nodesQuery } from '../node/nodes.js';
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
    { name: 'filter', label: 'Search', placeholder: 'orders tag:env=prod bytes>1GiB', kind: 'text' },
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

const choiceOf = ({ id, name }: { readonly id: string; readonly name: string }): Choice => ({ value: id, label: name });

/** A gateway or cluster that was deleted is still in records, and in addresses that somebody kept. */
const withGiven = (choices: readonly Choice[], given: string | undefined): readonly Choice[] =>
  given === undefined || choices.some(({ value }) => value === given) ? choices : [...choices, { value: given, label: given }];

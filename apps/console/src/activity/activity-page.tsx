import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../layout/page.js';
import { type FilterField, FilterForm } from '../table/filter-form.js';
import { ActivityLog } from './activity-log.js';

/** The filters of activities, as the API has them. */
const FIELDS: readonly FilterField[] = [
  { name: 'object', label: 'Object or member', placeholder: 'name or id', kind: 'text' },
  { name: 'actor', label: 'Who', placeholder: 'e-mail or id', kind: 'text' },
  { name: 'action', label: 'Action', placeholder: 'updated', kind: 'text' },
  { name: 'kind', label: 'Kind', placeholder: 'server', kind: 'text' },
  { name: 'since', label: 'Since', kind: 'moment' },
  { name: 'until', label: 'Until', kind: 'moment' },
];

/** What administrators did: who, what, and what changed by it. */
export function ActivityPage() {
  const filters = useSearch({ from: '/signed-in/activity' });
  const navigate = useNavigate();
  return (
    <Page title="Activity" description="What administrators did">
      <FilterForm fields={FIELDS} values={filters} onApply={(search) => void navigate({ to: '/activity', search })} />
      <ActivityLog filters={filters} />
    </Page>
  );
}

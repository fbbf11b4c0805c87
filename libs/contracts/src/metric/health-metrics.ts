import { counter, gauge } from './metric.js';

/** Metrics of the health service. */
export const HEALTH_METRICS = {
  checks: counter('sluice_health_checks_total', 'checks by relays; unanswered: the relay did not respond', {
    result: ['reached', 'failed', 'unanswered'],
  }),
  state: gauge('sluice_health_state', 'servers that are healthy, unhealthy, and (in addition) flapping; the same at every copy', {
    state: ['healthy', 'unhealthy', 'flapping'],
  }),
  changes: counter(
    'sluice_health_changes_total',
    'servers that turned healthy, unhealthy, flapping or stable, as this copy has noted it',
    {
      to: ['healthy', 'unhealthy', 'flapping', 'stable'],
    },
  ),
  servers: gauge('sluice_health_servers', 'servers in memory: those in the policy, and those with results', {
    kept: ['policy', 'results'],
  }),
  policyAge: gauge(
    'sluice_health_policy_age_seconds',
    'time since the policy was certainly up to date; `+Inf` until it was read',
  ),
} as const;

import { counter, gauge } from './metric.js';

/** Metrics of the registry. Of several copies, the one that publishes counts. */
export const REGISTRY_METRICS = {
  factFailures: counter('sluice_registry_fact_failures_total', 'failed attempts to publish facts of the registry'),
  factsWaiting: gauge('sluice_registry_facts_waiting', 'facts of the registry that wait to be published'),
  healthEntries: gauge('sluice_registry_health_entries', 'servers whose health the registry knows'),
} as const;

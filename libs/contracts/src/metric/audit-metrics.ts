import { INTEGRITY_KINDS } from '@sluice/domain';
import { QuarantinedFact } from '../http/quarantine.js';
import { OCSF_CLASSES, type OcsfClass } from '../ocsf/ocsf-event.js';
import { MAX_SIEM_READERS } from '../http/siem-readers.js';
import { counter, flag, gauge, histogram } from './metric.js';

const consumer = {
  what: '`records` and `ocsf`, which are the audit service itself, or the name of a SIEM reader',
  atMost: MAX_SIEM_READERS + 2,
};

/** Metrics of the audit service. */
export const AUDIT_METRICS = {
  storing: flag('sluice_audit_storing', 'whether the facts that arrive are stored: 0 while NATS or PostgreSQL is unavailable'),
  facts: counter('sluice_audit_facts_total', 'facts received from the stream: stored, or why they were quarantined', {
    result: ['stored', ...QuarantinedFact.shape.kind.options],
  }),
  storeSeconds: histogram(
    'sluice_audit_store_seconds',
    'time to store a batch of at most 500 facts',
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
  ),
  unstorable: counter(
    'sluice_audit_unstorable_total',
    'facts of which only the digest could be stored, because storing them failed',
  ),
  gaps: counter('sluice_audit_gaps_total', 'gaps of chains that were given up because their facts never arrived'),
  presumed: counter('sluice_audit_presumed_total', 'sessions that were presumed ended because their relay was lost'),
  findings: counter('sluice_audit_findings_total', 'what was wrong with facts', { kind: INTEGRITY_KINDS }),
  heads: counter('sluice_audit_heads_total', 'signed heads of chains that were checked', {
    result: ['valid', 'bad-head', 'bad-certificate'],
  }),
  dropped: counter('sluice_audit_dropped_total', 'what retention has dropped', { what: ['facts', 'records'] }),
  dropSeconds: histogram(
    'sluice_audit_drop_seconds',
    'time to drop one part of a chain, with the records that follow from it',
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
  ),
  dropFailures: counter('sluice_audit_drop_failures_total', 'how often dropping failed; it is retried'),
  chainsToDrop: gauge('sluice_audit_chains_to_drop', 'chains of which something may be old enough to be dropped'),
  oldestFact: gauge(
    'sluice_audit_oldest_fact_seconds',
    'time since the oldest fact that is kept was received; 0 if there is none',
  ),
  ocsfEvents: counter('sluice_audit_ocsf_events_total', 'events that were converted for SIEM readers of OCSF', {
    class: Object.keys(OCSF_CLASSES) as OcsfClass[],
  }),
  streamBytes: gauge('sluice_audit_stream_bytes', 'size of the facts that JetStream keeps'),
  streamLimit: gauge('sluice_audit_stream_limit_bytes', 'size at which JetStream rejects more facts'),
  consumerLag: gauge('sluice_audit_consumer_lag', 'events of its stream that a reader has not acknowledged', { consumer }),
  consumerOldest: gauge('sluice_audit_consumer_oldest_seconds', 'age of the oldest of these events; 0 if there is none', {
    consumer,
  }),
  heavyAuthor: gauge(
    'sluice_audit_heavy_author_bytes',
    'size of the facts of the last hour, of authors whose share of the stream is alarming',
    { author: { what: 'id of a node, or name of a service', atMost: 20 } },
  ),
} as const;

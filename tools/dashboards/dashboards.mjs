// The dashboards for Grafana. `npm run openapi` writes them to deploy/helm/sluice/files/dashboards; a test runs every query against a
// Prometheus that scrapes a running installation.
import { CHOSEN, dashboard, graph, OURS, row, stat } from './panels.mjs';

const rate = (metric, labels = '', of = OURS) => `rate(${metric}{${of}${labels === '' ? '' : `,${labels}`}}[$__rate_interval])`;
const quantile = (share, metric, by = '', of = OURS) =>
  `histogram_quantile(${share}, sum by (le${by === '' ? '' : `, ${by}`}) (${rate(`${metric}_bucket`, '', of)}))`;
/** A metric of every process, with the name of its service. */
const named = (expression) => `${expression} * on (job, namespace, instance) group_left (name) sluice_service_info{${OURS}}`;
/** 0 where there is no series, because nothing of the kind has happened. */
const orNone = (expression) => `${expression} or vector(0)`;

const overview = dashboard(
  'sluice-overview',
  'Sluice: overview',
  'What users notice, and whether all processes are well. Alerts are explained in docs/runbook.md, metrics in docs/metrics.md.',
  [
    stat('Live sessions', 'short', `sum(sluice_relay_sessions{${OURS}})`),
    stat('Relays', 'short', `count(sluice_service_info{${OURS},name="relay"})`),
    stat('Gateways', 'short', `count(sluice_service_info{${OURS},name="gateway"})`),
    stat('Processes that are not ready', 'short', orNone(`count(sluice_service_ready{${OURS}} == 0)`), 1),
    stat('Alerts', 'short', orNone('count(ALERTS{alertname=~"Sluice.*",alertstate="firing"})'), 1),
    stat('Oldest fact not stored', 's', `max(sluice_audit_consumer_oldest_seconds{${OURS},consumer="records"})`, 300),
    row('Sessions'),
    graph('Live sessions', 'short', { '{{instance}}': `sluice_relay_sessions{${OURS}}` }),
    graph('Sessions that ended', 'ops', { '{{outcome}}': `sum by (outcome) (${rate('sluice_relay_sessions_total')})` }),
    graph(
      'Sessions that were refused or failed, by reason',
      'ops',
      { '{{end_reason}}': orNone(`sum by (end_reason) (${rate('sluice_relay_sessions_total', 'outcome!="completed"')})`) },
      'The reasons are those of docs/session.md.',
    ),
    graph(
      'Time to open a session',
      's',
      { p50: quantile(0.5, 'sluice_relay_open_seconds'), p99: quantile(0.99, 'sluice_relay_open_seconds') },
      'From the open of the agent until the resource is connected and the journal is written.',
    ),
    graph('Bytes of sessions', 'Bps', { '{{direction}}': `sum by (direction) (${rate('sluice_relay_session_bytes_total')})` }),
    graph("Agents' connections at gateways", 'ops', {
      '{{result}}': `sum by (result) (${rate('sluice_gateway_pairings_total')})`,
    }),
    row('API and servers'),
    graph('Requests to the API', 'reqps', { '{{status}}': `sum by (status) (${rate('sluice_gateway_http_seconds_count')})` }),
    graph('Time of a request to the API', 's', {
      p50: quantile(0.5, 'sluice_gateway_http_seconds'),
      p99: quantile(0.99, 'sluice_gateway_http_seconds'),
    }),
    graph('Servers', 'short', { '{{state}}': `max by (state) (sluice_health_state{${OURS}})` }),
    row('Processes'),
    graph(
      'Processor time',
      'percentunit',
      { '{{name}} {{instance}}': named(rate('process_cpu_seconds_total')) },
      '100% is one core.',
    ),
    graph('Resident memory', 'bytes', { '{{name}} {{instance}}': named(`process_resident_memory_bytes{${OURS}}`) }),
    graph(
      'Delay of the event loop (p99)',
      's',
      { '{{name}} {{instance}}': named(`nodejs_eventloop_lag_p99_seconds{${OURS}}`) },
      'How late the process does what is due. A profile shows why: docs/runbook.md.',
    ),
    graph('Open files', 'short', { '{{name}} {{instance}}': named(`process_open_fds{${OURS}}`) }),
    graph('Connected to NATS', 'bool_yes_no', { '{{name}} {{instance}}': named(`sluice_bus_connected{${OURS}}`) }),
    graph('Heap of JavaScript', 'bytes', { '{{name}} {{instance}}': named(`nodejs_heap_size_used_bytes{${OURS}}`) }),
  ],
);

const relays = dashboard(
  'sluice-relays',
  'Sluice: relays and gateways',
  'Each relay and gateway: what it carries, how much room it has, and whether it decides from a recent policy.',
  [
    stat('Sessions', 'short', `sum(sluice_relay_sessions{${CHOSEN}})`),
    stat('Fullest relay', 'percentunit', `max(sluice_relay_sessions{${CHOSEN}} / sluice_relay_sessions_limit{${CHOSEN}})`, 0.8),
    stat('Oldest policy', 's', `max(sluice_relay_policy_age_seconds{${CHOSEN}})`, 60),
    stat(
      'Fullest journal',
      'percentunit',
      `max(sluice_relay_journal_bytes{${CHOSEN}} / sluice_relay_journal_limit_bytes{${CHOSEN}})`,
      0.5,
    ),
    stat('Draining', 'short', `sum(sluice_relay_draining{${CHOSEN}}) + sum(sluice_gateway_draining{${OURS}})`),
    stat('Gateways without a relay', 'short', orNone(`count(sluice_gateway_relays{${OURS}} == 0)`), 1),
    row('Relays'),
    graph('Sessions', 'short', { '{{instance}}': `sluice_relay_sessions{${CHOSEN}}` }),
    graph('Sessions that ended, by reason', 'ops', {
      '{{end_reason}}': `sum by (end_reason) (${rate('sluice_relay_sessions_total', '', CHOSEN)})`,
    }),
    graph('Time to open a session (p99)', 's', {
      '{{instance}}': quantile(0.99, 'sluice_relay_open_seconds', 'instance', CHOSEN),
    }),
    graph('Bytes of sessions', 'Bps', {
      '{{instance}} {{direction}}': rate('sluice_relay_session_bytes_total', '', CHOSEN),
    }),
    graph(
      'Links',
      'short',
      { '{{instance}}': `sluice_relay_links{${CHOSEN}}` },
      'Idle links are kept ready for the next session.',
    ),
    graph('Offers that wait at gateways', 'short', { '{{instance}}': `sluice_relay_offers{${CHOSEN}}` }),
    graph('Gateways', 'short', { '{{instance}} {{state}}': `sluice_relay_gateways{${CHOSEN}}` }),
    graph(
      'Age of the policy',
      's',
      { '{{instance}}': `sluice_relay_policy_age_seconds{${CHOSEN}}` },
      'New sessions are refused from 300 s.',
    ),
    graph('Checks of servers', 'ops', { '{{instance}} {{result}}': rate('sluice_relay_checks_total', '', CHOSEN) }),
    row('Journals'),
    graph('Facts that are not stored', 'short', { '{{instance}}': `sluice_relay_journal_facts{${CHOSEN}}` }),
    graph('Age of the oldest of them', 's', { '{{instance}}': `sluice_relay_journal_oldest_seconds{${CHOSEN}}` }),
    graph('Facts that JetStream has not acknowledged', 'short', { '{{instance}}': `sluice_relay_unpublished_facts{${CHOSEN}}` }),
    row('Gateways'),
    graph('Links', 'short', { '{{instance}}': `sluice_gateway_links{${OURS}}` }),
    graph('Relays and offers', 'short', {
      '{{instance}} relays': `sluice_gateway_relays{${OURS}}`,
      '{{instance}} offers': `sluice_gateway_offers{${OURS}}`,
    }),
    graph('Time until a relay accepts', 's', {
      p50: quantile(0.5, 'sluice_gateway_pair_seconds'),
      p99: quantile(0.99, 'sluice_gateway_pair_seconds'),
    }),
    graph('Ciphertext of closed links', 'Bps', { '{{instance}} {{direction}}': rate('sluice_gateway_link_bytes_total') }),
    graph('Connections to the tunnel ports', 'ops', {
      '{{result}}': `sum by (result) (${rate('sluice_gateway_preambles_total')})`,
    }),
    graph("Relays' connections to NATS through gateways", 'short', { '{{instance}}': `sluice_gateway_bus_connections{${OURS}}` }),
  ],
  'sluice_relay_sessions',
);

const audit = dashboard(
  'sluice-audit',
  'Sluice: audit',
  'The way of facts: from the journals of relays through JetStream into the database and to SIEM readers.',
  [
    stat('Storing', 'bool_yes_no', `max(sluice_audit_storing{${OURS}})`),
    stat('Facts that wait', 'short', `max(sluice_audit_consumer_lag{${OURS},consumer="records"})`),
    stat('The oldest of them', 's', `max(sluice_audit_consumer_oldest_seconds{${OURS},consumer="records"})`, 300),
    stat('Stream', 'percentunit', `max(sluice_audit_stream_bytes{${OURS}} / sluice_audit_stream_limit_bytes{${OURS}})`, 0.8),
    stat('Findings of a day', 'short', `sum(increase(sluice_audit_findings_total{${OURS}}[1d]))`, 1),
    stat('Slowest SIEM reader', 's', orNone(`max(sluice_audit_consumer_oldest_seconds{${OURS},consumer!="records"})`), 3600),
    row('Into the database'),
    graph('Facts', 'ops', { '{{result}}': `sum by (result) (${rate('sluice_audit_facts_total')})` }),
    graph('Time to store a batch', 's', {
      p50: quantile(0.5, 'sluice_audit_store_seconds'),
      p99: quantile(0.99, 'sluice_audit_store_seconds'),
    }),
    graph('Facts in journals that are not stored', 'short', { '{{instance}}': `sluice_relay_journal_facts{${OURS}}` }),
    row('Readers of the stream'),
    graph('Facts not acknowledged', 'short', { '{{consumer}}': `max by (consumer) (sluice_audit_consumer_lag{${OURS}})` }),
    graph('Age of the oldest of them', 's', {
      '{{consumer}}': `max by (consumer) (sluice_audit_consumer_oldest_seconds{${OURS}})`,
    }),
    graph('Size of the stream', 'bytes', {
      facts: `max(sluice_audit_stream_bytes{${OURS}})`,
      limit: `max(sluice_audit_stream_limit_bytes{${OURS}})`,
    }),
    row('Integrity'),
    graph('Findings within an hour', 'short', {
      '{{kind}}': `sum by (kind) (increase(sluice_audit_findings_total{${OURS}}[1h]))`,
    }),
    graph('Signed heads that were checked', 'ops', { '{{result}}': `sum by (result) (${rate('sluice_audit_heads_total')})` }),
    graph('Given up, presumed, not storable, within an hour', 'short', {
      gaps: `sum(increase(sluice_audit_gaps_total{${OURS}}[1h]))`,
      'presumed ends': `sum(increase(sluice_audit_presumed_total{${OURS}}[1h]))`,
      'digest only': `sum(increase(sluice_audit_unstorable_total{${OURS}}[1h]))`,
    }),
    graph("The registry's facts that are not published", 'short', { '{{instance}}': `sluice_registry_facts_waiting{${OURS}}` }),
    graph('Authors with an alarming share of the stream', 'bytes', {
      '{{author}}': orNone(`max by (author) (sluice_audit_heavy_author_bytes{${OURS}})`),
    }),
  ],
);

/** The dashboards by the name of their file. */
export const DASHBOARDS = { overview, relays, audit };

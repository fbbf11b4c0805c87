import { END_REASONS, OUTCOMES } from '@sluice/domain';
import { counter, flag, gauge, histogram } from './metric.js';
import { PREAMBLE_RESULTS } from './preamble-results.js';

/** Metrics of a relay. */
export const RELAY_METRICS = {
  sessions: gauge('sluice_relay_sessions', 'current sessions, including those that are being opened'),
  sessionsLimit: gauge('sluice_relay_sessions_limit', 'sessions above which the relay refuses new ones (`SLUICE_MAX_SESSIONS`)'),
  ended: counter('sluice_relay_sessions_total', 'sessions and attempts that have ended', {
    outcome: OUTCOMES,
    end_reason: END_REASONS,
  }),
  sessionBytes: counter('sluice_relay_session_bytes_total', "bytes of the clients' connections, as they are carried", {
    direction: ['up', 'down'],
  }),
  openSeconds: histogram(
    'sluice_relay_open_seconds',
    'time from `open` to `opened`, including the dial and the journal; attempts that were rejected are not included',
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5],
  ),
  links: gauge('sluice_relay_links', 'open links, idle or not'),
  linksRefused: counter(
    'sluice_relay_links_refused_total',
    'links that were not accepted: the TLS handshake failed or took too long',
  ),
  linkBytes: counter('sluice_relay_link_bytes_total', 'ciphertext of links that are closed', {
    direction: ['up', 'down'],
    way: ['gateway', 'direct'],
  }),
  preambles: counter('sluice_relay_preambles_total', 'connections to the listening address, by the result of the preamble', {
    result: PREAMBLE_RESULTS,
  }),
  offers: gauge('sluice_relay_offers', 'offers that wait at gateways'),
  gateways: gauge('sluice_relay_gateways', 'gateways that the policy names, by whether this relay is connected to them', {
    state: ['connected', 'disconnected'],
  }),
  draining: flag('sluice_relay_draining', 'whether the relay is drained, or stops'),
  policyAge: gauge(
    'sluice_relay_policy_age_seconds',
    'time since the policy was certainly up to date; `+Inf` until it was read. New sessions are refused from 300, live ones end from 900',
  ),
  policyRevision: gauge('sluice_relay_policy_revision', 'revision up to which every change of the policy was applied'),
  journalFacts: gauge('sluice_relay_journal_facts', 'facts in the journal that the audit service has not stored yet'),
  journalBytes: gauge('sluice_relay_journal_bytes', 'size of these facts'),
  journalLimit: gauge(
    'sluice_relay_journal_limit_bytes',
    'size of facts that the journal may hold (`SLUICE_JOURNAL_LIMIT_MIB`); new sessions are refused from 90 % of it',
  ),
  journalOldest: gauge('sluice_relay_journal_oldest_seconds', 'age of the oldest of these facts; 0 if there is none'),
  unpublished: gauge('sluice_relay_unpublished_facts', 'facts in the journal that JetStream has not acknowledged'),
  checks: counter('sluice_relay_checks_total', 'checks of servers that the health service asked for', {
    result: ['reached', 'failed'],
  }),
} as const;

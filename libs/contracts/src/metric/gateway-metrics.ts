import { OPERATIONS } from '../http/operations.js';
import { counter, flag, gauge, histogram } from './metric.js';
import { PREAMBLE_RESULTS } from './preamble-results.js';

/** Metrics of a gateway. Those of the tunnel port are absent, or 0, where only the API runs, and the other way round. */
export const GATEWAY_METRICS = {
  httpSeconds: histogram('sluice_gateway_http_seconds', 'requests to the API', [0.005, 0.02, 0.1, 0.5, 2, 10], {
    operation: { what: 'id of an operation in the OpenAPI document', atMost: OPERATIONS.length },
    status: { what: 'the status of the response', atMost: 60 },
  }),
  eventStreams: gauge('sluice_gateway_event_streams', 'event streams that browsers have open'),
  busConnections: gauge('sluice_gateway_bus_connections', "relays' connections to NATS through this gateway"),
  preambles: counter('sluice_gateway_preambles_total', 'connections to the tunnel port, by the result of the preamble', {
    result: PREAMBLE_RESULTS,
  }),
  links: gauge('sluice_gateway_links', 'links that are carried now'),
  linksLimit: gauge('sluice_gateway_links_limit', 'links above which the gateway refuses new ones (`SLUICE_MAX_LINKS`)'),
  linkBytes: counter('sluice_gateway_link_bytes_total', 'ciphertext of links that are closed', { direction: ['up', 'down'] }),
  pairings: counter('sluice_gateway_pairings_total', "agents' connections, by whether a relay accepted them", {
    result: ['paired', 'no-relay', 'gone'],
  }),
  pairSeconds: histogram(
    'sluice_gateway_pair_seconds',
    "time until a relay accepted an agent's connection; those that no relay accepted are not included",
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5],
  ),
  relays: gauge('sluice_gateway_relays', 'relays that are connected to the tunnel port'),
  offers: gauge('sluice_gateway_offers', 'offers that wait at the tunnel port'),
  draining: flag('sluice_gateway_draining', 'whether the tunnel port is drained, or stops'),
  policyAge: gauge(
    'sluice_gateway_policy_age_seconds',
    'time since the policy of the tunnel port was certainly up to date; `+Inf` until it was read',
  ),
} as const;

import { Counter, Gauge, Histogram } from 'prom-client';

/** Sessions at this relay now. */
export const liveSessions = new Gauge({ name: 'sluice_relay_sessions', help: 'sessions at this relay now' });
/** Sessions and attempts that have ended. */
export const endedSessions = new Counter({
  name: 'sluice_relay_sessions_total',
  help: 'sessions and attempts by their end',
  labelNames: ['end_reason'],
});
/** How long it takes until a session is open. */
export const openSeconds = new Histogram({
  name: 'sluice_relay_open_seconds',
  help: 'from open to opened, with dial and journal',
  buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5],
});

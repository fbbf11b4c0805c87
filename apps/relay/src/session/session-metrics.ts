import { Counter, Gauge, Histogram } from 'prom-client';

/** Current sessions at this relay. */
export const liveSessions = new Gauge({ name: 'sluice_relay_sessions', help: 'current sessions at this relay' });
/** Sessions and attempts that have ended. */
export const endedSessions = new Counter({
  name: 'sluice_relay_sessions_total',
  help: 'ended sessions and attempts by end reason',
  labelNames: ['end_reason'],
});
/** How long it takes to open a session. */
export const openSeconds = new Histogram({
  name: 'sluice_relay_open_seconds',
  help: 'time from open to opened, including the dial and the journal',
  buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5],
});

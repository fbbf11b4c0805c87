import { RELAY_METRICS } from '@sluice/contracts';
import { counterOf, gaugeOf, histogramOf } from '@sluice/process';

/** Current sessions at this relay. */
export const liveSessions = gaugeOf(RELAY_METRICS.sessions);
/** Sessions and attempts that have ended. */
export const endedSessions = counterOf(RELAY_METRICS.ended);
/** How long it takes to open a session. */
export const openSeconds = histogramOf(RELAY_METRICS.openSeconds);

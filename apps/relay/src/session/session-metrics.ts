import { RELAY_METRICS } from '@sluice/contracts';
import { type EndReason, outcomeOf } from '@sluice/domain';
import { counterOf, gaugeOf, histogramOf } from '@sluice/process';

const live = gaugeOf(RELAY_METRICS.sessions);
const ended = counterOf(RELAY_METRICS.ended);
const openSeconds = histogramOf(RELAY_METRICS.openSeconds);

/** Notes how many sessions there are now. */
export const measureLive = (sessions: number): void => live.set(sessions);

/** Counts a session, or an attempt that did not become one, that has ended. */
export const countEnded = (reason: EndReason, phase: 'before' | 'active'): void =>
  ended.inc({ outcome: outcomeOf(reason, phase), end_reason: reason });

/** Notes how long a session took to open. */
export const measureOpening = (seconds: number): void => openSeconds.observe(seconds);

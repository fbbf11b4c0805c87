import { Envelope, RELAY_METRICS } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { measure } from '@sluice/process';
import type { RelayConfig } from './config.js';
import type { Drains } from './drain/drains.js';
import type { FactPublisher } from './journal/fact-publisher.js';
import type { Journal } from './journal/journal.js';
import type { Offers } from './offer/offers.js';
import type { Sessions } from './session/sessions.js';

/** The parts of a relay whose state is shown as metrics. */
interface MeasuredParts {
  readonly config: Pick<RelayConfig, 'maxSessions' | 'journalLimitBytes'>;
  readonly policy: PolicyReplica;
  readonly journal: Journal;
  readonly publisher: FactPublisher;
  readonly sessions: Sessions;
  readonly offers: Offers;
  readonly drains: Drains;
}

/** Shows the state of a relay's parts as metrics, each as it is when `/metrics` is requested. */
export function measureRelay({ config, policy, journal, publisher, sessions, offers, drains }: MeasuredParts): void {
  measure(RELAY_METRICS.sessionsLimit, () => config.maxSessions);
  measure(RELAY_METRICS.sessionBytes, () => {
    const { up, down } = sessions.bytes;
    return [
      [{ direction: 'up' }, up],
      [{ direction: 'down' }, down],
    ] as const;
  });
  measure(RELAY_METRICS.offers, () => offers.waiting);
  measure(
    RELAY_METRICS.gateways,
    () =>
      [
        [{ state: 'connected' }, offers.connected],
        [{ state: 'disconnected' }, offers.disconnected],
      ] as const,
  );
  measure(RELAY_METRICS.draining, () => (drains.here ? 1 : 0));
  measure(RELAY_METRICS.policyAge, () => policy.ageMs / 1000);
  measure(RELAY_METRICS.policyRevision, () => policy.applied);
  measure(RELAY_METRICS.journalFacts, () => journal.backlog);
  measure(RELAY_METRICS.journalBytes, () => journal.backlogBytes);
  measure(RELAY_METRICS.journalLimit, () => config.journalLimitBytes);
  measure(RELAY_METRICS.journalOldest, () => ageOf(journal.oldest?.bytes, Date.now()));
  measure(RELAY_METRICS.unpublished, () => publisher.backlog);
}

/** Age of a fact in seconds, by the time in it. */
function ageOf(fact: Buffer | undefined, now: number): number {
  if (fact === undefined) return 0;
  const envelope = Envelope.safeParse(parseJson(fact.toString('utf8')));
  return envelope.success ? Math.max(0, (now - Date.parse(envelope.data.time)) / 1000) : 0;
}

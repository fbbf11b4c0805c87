/** Metrics of the load of a service: sessions of a relay, and links of a gateway, which may lead to relays that run elsewhere. */
const SESSIONS = /^sluice_relay_sessions (\d+)/m;
const LINKS = /^sluice_gateway_links (\d+)/m;
const ANSWER_MS = 2000;

/**
 * How many sessions services carry now, according to the metrics at their operations ports. A service that does not respond
 * counts as none. If no relay of this installation has sessions, the links of its gateway to relays that run elsewhere count.
 */
export async function countLiveSessions(ports: readonly number[]): Promise<number> {
  const texts = await Promise.all(
    ports.map(async (port) => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      return fetch(`http://127.0.0.1:${port}/metrics`, { signal })
        .then((answer) => answer.text())
        .catch(() => '');
    }),
  );
  const sum = (of: RegExp) => texts.reduce((all, text) => all + Number(of.exec(text)?.[1] ?? 0), 0);
  return sum(SESSIONS) || sum(LINKS); // a link to our own relay may be idle
}

/** The message that is shown while the stop waits for sessions. */
export const waitingLine = (sessions: number, drainSeconds: number): string =>
  `${sessions === 1 ? '1 session still runs' : `${sessions} sessions still run`}, waiting up to ${drainSeconds} s; Ctrl-C again ends ${sessions === 1 ? 'it' : 'them'} now.`;

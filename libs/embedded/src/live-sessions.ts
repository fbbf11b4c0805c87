/** Metrics of how much a service carries: sessions of a relay, and the links of a gateway, which may be to relays that run elsewhere. */
const SESSIONS = /^sluice_relay_sessions (\d+)/m;
const LINKS = /^sluice_gateway_links (\d+)/m;
const ANSWER_MS = 2000;

/**
 * How many sessions services carry now, by what they measure at their operations ports. A service that does not answer
 * carries none. Where no relay of ours has any, those count that a gateway of ours carries for relays that run elsewhere.
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
  return sum(SESSIONS) || sum(LINKS); // a link of ours may be waiting for its next session
}

/** The line that is shown while sessions are waited for. */
export const waitingLine = (sessions: number, drainSeconds: number): string =>
  `${sessions === 1 ? '1 session still runs' : `${sessions} sessions still run`}, waiting up to ${drainSeconds} s; Ctrl-C again ends ${sessions === 1 ? 'it' : 'them'} now.`;

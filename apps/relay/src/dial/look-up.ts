import { lookup } from 'node:dns/promises';

const pending = new Map<string, Promise<string[]>>();

/**
 * The addresses of a name, in the resolver's order. Concurrent requests for one name share a single look-up. A look-up cannot
 * be cancelled and only a few run at a time, so many of them for a name whose DNS servers do not respond would delay all
 * other names. @throws Error of the resolver
 */
export function lookUp(hostname: string): Promise<string[]> {
  const present = pending.get(hostname);
  if (present) return present;
  const answer = lookup(hostname, { all: true, verbatim: true })
    .then((found) => found.map(({ address }) => address))
    .finally(() => pending.delete(hostname));
  pending.set(hostname, answer);
  return answer;
}

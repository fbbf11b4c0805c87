import { lookup } from 'node:dns/promises';

const asked = new Map<string, Promise<string[]>>();

/**
 * The addresses of a name, in the resolver's order. Who asks for a name that is being looked up gets the same answer: a
 * look-up cannot be given up, few go on at once, and one by one those of a name whose servers are silent would hold up all
 * other names. @throws Error of the resolver
 */
export function lookUp(hostname: string): Promise<string[]> {
  const present = asked.get(hostname);
  if (present) return present;
  const answer = lookup(hostname, { all: true, verbatim: true })
    .then((found) => found.map(({ address }) => address))
    .finally(() => asked.delete(hostname));
  asked.set(hostname, answer);
  return answer;
}

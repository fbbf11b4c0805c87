import { clusterText, healthKind } from '@sluice/domain';
import type { Server } from './servers.js';

/**
 * The servers that a search finds. Words are looked for in name, endpoint, address and tags; `tag:env=prod`, `health:unhealthy`,
 * `type:tcp`, `cluster:name` and `address:127.0.0.1` narrow it down. All parts must fit.
 */
export function filterServers(servers: Server[], search: string): Server[] {
  const parts = search
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== '');
  return parts.length === 0 ? servers : servers.filter((server) => parts.every((part) => fits(server, part)));
}

function fits(server: Server, part: string): boolean {
  const [field, ...rest] = part.split(':');
  const value = rest.join(':');
  switch (rest.length === 0 ? undefined : field) {
    case 'tag':
      return tagsOf(server).some((tag) => tag === value || tag.startsWith(`${value}=`));
    case 'health':
      return healthKind(server.health).startsWith(value);
    case 'type':
      return server.type === value;
    case 'cluster':
      return clusterText(server.proxyCluster).toLowerCase().includes(value);
    case 'address':
      return (
        `${server.bindAddress}:${server.portOverride}`.includes(value) || (server.dns?.toLowerCase().includes(value) ?? false)
      );
    default:
      return wordsOf(server).text.includes(part);
  }
}

/** What words are looked for in. It is made once for each server as it was read, because every key of a search looks through all of them. */
interface Words {
  /** In lower case, a line each. */
  readonly text: string;
  readonly tags: readonly string[];
}

const known = new WeakMap<object, Words>();

function wordsOf(server: Server): Words {
  const before = known.get(server);
  if (before !== undefined) return before;
  const { name, hostname, port, bindAddress, portOverride, dns } = server;
  const tags = Object.entries(server.tags).map(([key, value]) => `${key}=${value}`.toLowerCase());
  const text = [name, `${hostname}:${port}`, bindAddress, portOverride, dns ?? '', ...tags].join('\n').toLowerCase();
  const words = { text, tags };
  known.set(server, words);
  return words;
}

/** Tags as they are written, in lower case: `key=value`. */
export const tagsOf = (server: Server): readonly string[] => wordsOf(server).tags;

import { healthKind } from '@sluice/domain';
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
      return (server.proxyCluster ?? 'none').toLowerCase().includes(value);
    case 'address':
      return (
        `${server.bindAddress}:${server.portOverride}`.includes(value) || (server.dns?.toLowerCase().includes(value) ?? false)
      );
    default:
      return [server.name, `${server.hostname}:${server.port}`, server.bindAddress, String(server.portOverride), server.dns ?? '']
        .concat(tagsOf(server))
        .some((text) => text.toLowerCase().includes(part));
  }
}

/** Tags as they are written: `key=value`. */
export const tagsOf = (server: Pick<Server, 'tags'>): string[] =>
  Object.entries(server.tags).map(([key, value]) => `${key}=${value}`.toLowerCase());

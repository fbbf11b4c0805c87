import { readFileSync } from 'node:fs';
import { ProblemError } from '@sluice/contracts';
import { isLoopbackHost } from '@sluice/domain';
import type { FastifyRequest } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';

/**
 * Refuses a browser that uses plain HTTP, unless it does so to its own machine under a name that nobody else can choose. Over a
 * network its password and its cookie could be read and replaced on the way; and a page of another site can have its own name
 * resolve to this machine (DNS rebinding), so that for the browser its requests are of the same origin.
 * @param names further names of this machine
 * @throws ProblemError 403
 */
export function assertPrivate(request: FastifyRequest, clients: ClientAddress, names: ReadonlySet<string> = ownNames()): void {
  if (clients.protocolOf(request) === 'https') return;
  const origin = clients.originOf(request);
  const name = origin === undefined ? '' : new URL(origin).hostname;
  if (isLoopbackHost(name) || name.endsWith('.localhost')) return; // which browsers look up nowhere
  if (names.has(name) && isLoopbackHost(clients.ofRequest(request) ?? '')) return;
  throw new ProblemError(
    403,
    'not_private',
    'browsers use this server over HTTPS, or over plain HTTP at http://localhost or a loopback address of their own machine. A proxy that terminates TLS must be listed in SLUICE_TRUSTED_PROXIES and send X-Forwarded-Proto: https',
  );
}

/** The names that a hosts file gives to loopback addresses. Only the administrator of the machine writes it, and what it contains is not looked up in DNS. */
export const loopbackNamesIn = (hostsFile: string): Set<string> =>
  new Set(
    hostsFile.split('\n').flatMap((line) => {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      return isLoopbackHost(address) ? names.map((name) => name.toLowerCase()) : [];
    }),
  );

let known: Set<string> | undefined;

/** The names in this machine's hosts file, which is read once. */
function ownNames(): Set<string> {
  try {
    known ??= loopbackNamesIn(readFileSync('/etc/hosts', 'utf8'));
  } catch {
    known = new Set();
  }
  return known;
}

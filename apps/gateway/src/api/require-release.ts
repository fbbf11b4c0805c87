import { ProblemError } from '@sluice/contracts';
import { RELEASE, RELEASE_HEADER, upgradeNeeded } from '@sluice/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Tells a client that says its release ours, and refuses one that is too old. Programs that say nothing are not refused: the API is
 * additive within a version, whatever release they were written for. @throws ProblemError
 */
export function requireRelease(
  { headers }: Pick<FastifyRequest, 'headers'>,
  reply: { header: (...header: Parameters<FastifyReply['header']>) => unknown },
): void {
  const given = headers[RELEASE_HEADER];
  if (given === undefined) return;
  reply.header(RELEASE_HEADER, RELEASE);
  const why = upgradeNeeded('the client', String(given));
  if (why !== undefined) throw new ProblemError(403, 'upgrade_needed', why);
}

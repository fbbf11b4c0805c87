import type { Socket } from 'node:net';
import { settingsOf } from '@sluice/domain';
import { encodeEndpoints } from '@sluice/tunnel';
import { dialResource } from '../dial/dial-resource.js';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { admit } from './admit.js';
import type { LiveSession } from './live-session.js';
import type { RejectedAttempt } from './reject-attempt.js';
import type { SessionContext } from './session-context.js';
import { openSeconds } from './session-metrics.js';

/**
 * Opens a session: admits it, dials the resource, admits it again (the policy may have changed meanwhile), and records it.
 * @returns the socket to the resource, on which nothing of the client has been written; or why the attempt was rejected
 */
export async function openSession(
  session: LiveSession,
  context: SessionContext,
  clientGone: AbortSignal,
): Promise<{ readonly socket: Socket } | RejectedAttempt> {
  const admitted = admit(session, context);
  if ('reason' in admitted) return { ...admitted, address: null };
  session.move('dialing');
  const { resource } = admitted;
  const settings = settingsOf(context.policy.settings, resource.settings);
  const egress = { ...context.config.egress, virtualSubnet: virtualSubnetOf(context.policy) };
  const bounds = { egress, timeoutMs: settings.dialTimeoutSeconds * 1000, signal: clientGone };
  const dialled = await dialResource(resource.hostname, resource.port, bounds);
  if (!dialled.ok) return dialled;
  const { socket, address, endpoint } = dialled;
  socket.setNoDelay(settings.noDelay);
  if (settings.keepAliveSeconds > 0) socket.setKeepAlive(true, settings.keepAliveSeconds * 1000);
  socket.on('error', () => undefined); // a reset while the journal writes is noticed when carrying begins
  const still = admit(session, context);
  if ('reason' in still) {
    socket.resetAndDestroy();
    return { ...still, address };
  }
  try {
    await context.book.opened(session.opened(address));
  } catch (error) {
    socket.resetAndDestroy();
    context.notRecorded.error({ err: error, sessionId: session.id }, 'a session could not be recorded, so it was not begun');
    return { reason: 'journal failed', message: 'this relay could not record the session', address };
  }
  openSeconds.observe(session.durationMs / 1000);
  session.move('active');
  if (resource.proxyProtocol) socket.write(encodeEndpoints(session.peer.client, endpoint)); // before any byte of the client
  return { socket };
}

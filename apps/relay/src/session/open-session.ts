import type { Socket } from 'node:net';
import { settingsOf } from '@sluice/domain';
import { encodeEndpoints } from '@sluice/tunnel';
import { dialResource } from '../dial/dial-resource.js';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { admit } from './admit.js';
import { type LiveSession, NO_BYTES } from './live-session.js';
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
  const rejected = await record(session, address, context);
  if (rejected) {
    socket.resetAndDestroy();
    return rejected;
  }
  openSeconds.observe(session.durationMs / 1000);
  session.move('active');
  if (resource.proxyProtocol) socket.write(encodeEndpoints(session.peer.client, endpoint)); // before any byte of the client
  return { socket };
}

/** Records that the session is open. @returns why it may not begin: nobody would know of it, or not for certain */
async function record(
  session: LiveSession,
  address: string,
  { book, notRecorded }: SessionContext,
): Promise<RejectedAttempt | undefined> {
  const [reason, message] = ['journal failed', 'this relay could not record the session'] as const;
  try {
    if (await book.opened(session.opened(address))) return undefined;
  } catch (error) {
    notRecorded.error({ err: error, sessionId: session.id }, 'a session could not be recorded, so it was not begun');
    return { reason, message, address };
  }
  // the fact that it is open is published as soon as JetStream is back, so it is followed by one that it has ended
  notRecorded.error({ sessionId: session.id }, 'JetStream did not acknowledge a session, so it was not begun');
  void book.closed(session.resourceId, session.closed(reason, message, NO_BYTES, null));
  return { reason, message, address, recorded: true };
}

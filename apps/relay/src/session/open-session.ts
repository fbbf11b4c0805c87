import type { Socket } from 'node:net';
import { settingsOf } from '@sluice/domain';
import { inSpan, noteFailure } from '@sluice/traces';
import { encodeEndpoints } from '@sluice/tunnel';
import { dialResource } from '../dial/dial-resource.js';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { admit } from './admit.js';
import { type LiveSession, NO_BYTES } from './live-session.js';
import type { RejectedAttempt } from './reject-attempt.js';
import type { SessionContext } from './session-context.js';
import { measureOpening } from './session-metrics.js';

/**
 * Opens a session: admits it, dials the resource, admits it again (the policy may have changed meanwhile), and records it.
 * @returns the socket to the resource, to which no byte of the client has been written yet; or why the attempt was rejected
 */
export async function openSession(
  session: LiveSession,
  context: SessionContext,
  clientGone: AbortSignal,
): Promise<{ readonly socket: Socket } | RejectedAttempt> {
  const admitted = inSpan('admit', {}, () => admit(session, context));
  if ('reason' in admitted) return { ...admitted, address: null };
  session.move('dialing');
  const { resource } = admitted;
  const settings = settingsOf(context.policy.settings, resource.settings);
  const egress = { ...context.config.egress, virtualSubnet: virtualSubnetOf(context.policy) };
  const bounds = { egress, timeoutMs: settings.dialTimeoutSeconds * 1000, signal: clientGone };
  const dialled = await inSpan('connect', { kind: 'client' }, async (span) => {
    const result = await dialResource(resource.hostname, resource.port, bounds);
    if (!result.ok) noteFailure(span, result.reason, true);
    return result;
  });
  if (!dialled.ok) return dialled;
  const { socket, address, endpoint } = dialled;
  socket.setNoDelay(settings.noDelay);
  if (settings.keepAliveSeconds > 0) socket.setKeepAlive(true, settings.keepAliveSeconds * 1000);
  socket.on('error', () => undefined); // a reset during the journal write is detected when the carry starts
  const still = inSpan('admit', {}, () => admit(session, context));
  if ('reason' in still) {
    socket.resetAndDestroy();
    return { ...still, address };
  }
  const rejected = await inSpan('record', {}, () => record(session, address, context));
  if (rejected) {
    socket.resetAndDestroy();
    return rejected;
  }
  measureOpening(session.durationMs / 1000);
  session.move('active');
  if (resource.proxyProtocol) socket.write(encodeEndpoints(session.peer.client, endpoint)); // must precede every byte of the client
  return { socket };
}

/** Records that the session is open. @returns undefined, or why it must not begin: there might be no record of it */
async function record(
  session: LiveSession,
  address: string,
  { book, notRecorded }: SessionContext,
): Promise<RejectedAttempt | undefined> {
  const ids = { sessionId: session.id, requestId: session.requestId };
  const [reason, message] = ['journal failed', 'this relay could not record the session'] as const;
  try {
    if (await book.opened(session.opened(address))) return undefined;
  } catch (error) {
    notRecorded.error({ err: error, ...ids }, 'a session was not started because it could not be recorded');
    return { reason, message, address };
  }
  // the fact `opened` will be published once JetStream is available again, so it must be followed by a fact `closed`
  notRecorded.error(ids, 'a session was not started because JetStream did not acknowledge it');
  void book.closed(session.resourceId, session.closed(reason, message, NO_BYTES, null));
  return { reason, message, address, recorded: true };
}

import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { RELEASE, upgradeNeeded } from '@sluice/domain';
import { z } from 'zod';
import { readExactly } from '../socket/read-exactly.js';
import { TunnelError } from '../socket/tunnel-error.js';
import type { Credentials, VerifyPeer } from './credentials.js';
import {
  Answer,
  type ConnectionKind,
  decodeMessage,
  diallerProof,
  encodeMessage,
  gatewayProof,
  MAGIC,
  SIGNATURE_LENGTH,
  VERSIONS,
  versionsDiffer,
  GatewayHello,
} from './messages.js';
import { readMessage } from './read-message.js';

/** What a dialler asks for. */
export interface DialRequest {
  readonly kind: ConnectionKind;
  readonly cluster?: string;
  readonly avoid?: readonly string[];
}

/**
 * Performs the dialler's side of the preamble, except the answer, which the caller reads with `readAnswer`.
 * @returns the identity of the gateway
 * @throws TunnelError; the `cause` of `refused` is the gateway's code
 */
export async function dialPreamble<I>(
  socket: Socket,
  request: DialRequest,
  own: Credentials,
  verifyGateway: VerifyPeer<I>,
  signal: AbortSignal,
): Promise<I> {
  const nonce = randomBytes(32).toString('base64');
  const hello = encodeMessage({
    versions: VERSIONS,
    release: RELEASE,
    certificate: own.certificate.toString('base64'),
    nonce,
    ...request,
  });
  socket.write(Buffer.concat([MAGIC, hello]));
  const { bytes: gatewayHello, body } = await readMessage(socket, signal);
  const message = decodeMessage(body, z.union([GatewayHello, Answer]), 'gateway hello');
  if ('error' in message) throw new TunnelError('refused', message.error.message, { cause: message.error.code });
  if (!('version' in message)) throw new TunnelError('bad-message', 'an answer arrived before the gateway hello');
  if (!VERSIONS.includes(message.version)) throw new TunnelError('bad-version', versionsDiffer('the gateway', [message.version]));
  const signature = await readExactly(socket, SIGNATURE_LENGTH, signal);
  let peer;
  try {
    peer = verifyGateway(Buffer.from(message.certificate, 'base64'));
  } catch (cause) {
    throw new TunnelError('bad-certificate', `the gateway's certificate is not accepted: ${(cause as Error).message}`, { cause });
  }
  if (!peer.signed(gatewayProof(hello, gatewayHello), signature))
    throw new TunnelError('bad-proof', 'the gateway does not hold the key of its certificate');
  const outdated = upgradeNeeded('the gateway', message.release);
  if (outdated !== undefined) throw new TunnelError('upgrade-needed', outdated);
  socket.write(own.sign(diallerProof(hello, gatewayHello, signature)));
  return peer.identity;
}

/** Reads the gateway's answer. @throws TunnelError `refused` with the gateway's message; its `cause` is the gateway's code */
export async function readAnswer(socket: Socket, signal: AbortSignal): Promise<void> {
  const { body } = await readMessage(socket, signal);
  const answer = decodeMessage(body, Answer, 'answer');
  if ('error' in answer) throw new TunnelError('refused', answer.error.message, { cause: answer.error.code });
}

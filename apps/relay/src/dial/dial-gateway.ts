import type { Socket } from 'node:net';
import { splitHostPort } from '@sluice/process';
import type { Identity } from '@sluice/identity';
import {
  connectSocket,
  type ConnectionKind,
  type Credentials,
  dialPreamble,
  PREAMBLE_TIMEOUT_MS,
  readAnswer,
  type VerifyPeer,
} from '@sluice/tunnel';

const KEEP_ALIVE_MS = 15_000;

/** How the dialler authenticates: its own credentials, and the check of the gateway's certificate. */
export interface GatewayDialler {
  readonly credentials: () => Credentials;
  readonly verifyGateway: VerifyPeer<Identity>;
}

/** Dials a gateway, performs the preamble, and waits until the gateway has accepted. @throws Error or TunnelError after closing the connection */
export async function dialGateway(
  at: { id: string; address: string },
  kind: Exclude<ConnectionKind, 'carry'>,
  by: GatewayDialler,
  stopped: AbortSignal,
): Promise<Socket> {
  const { host, port } = splitHostPort(at.address);
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS)]);
  const to = { host, port, noDelay: true, allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  const socket = await connectSocket(to, { signal });
  socket.on('error', () => undefined);
  try {
    const gateway = await dialPreamble(socket, { kind }, by.credentials(), by.verifyGateway, signal);
    if (gateway.kind !== 'gateway' || gateway.nodeId !== at.id) throw new Error('a different gateway responded at this address');
    await readAnswer(socket, signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

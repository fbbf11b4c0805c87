import { splitHostPort } from '@sluice/process';
import { connectSocket } from '@sluice/tunnel';

const PROBE_TIMEOUT_MS = 1500;

/**
 * How long an address takes to accept a connection, in milliseconds; undefined when nothing accepts one, or the address is
 * malformed, which is possible because nodes choose their own. Who listens there is checked only when a link is dialled.
 * Never rejects.
 */
export async function roundTrip(address: string): Promise<number | undefined> {
  const begun = performance.now();
  try {
    const socket = await connectSocket(splitHostPort(address), { timeoutMs: PROBE_TIMEOUT_MS });
    socket.on('error', () => undefined).destroy();
    return performance.now() - begun;
  } catch {
    return undefined;
  }
}

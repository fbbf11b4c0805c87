import { splitHostPort } from '@sluice/process';
import { connectSocket } from '@sluice/tunnel';

const PROBE_TIMEOUT_MS = 1500;

/**
 * How long it takes until something accepts a connection at an address, in milliseconds; undefined when nothing does, and for an
 * address that is malformed: nodes choose their own. Who it is shows when a link is dialled. Never rejects.
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

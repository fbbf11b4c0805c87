import { isIP, type Socket } from 'node:net';
import { CARRIED_SOCKET, type ConnectError, connectSocket, type Endpoint } from '@sluice/tunnel';
import { type AttemptEnd, decideEgress, type EgressRules } from '@sluice/domain';
import { lookUp } from './look-up.js';

/** A connected socket, or the reason why the resource could not be dialled. */
export type Dialled =
  | { readonly ok: true; readonly socket: Socket; readonly address: string; readonly endpoint: Endpoint }
  | {
      readonly ok: false;
      readonly reason: Extract<
        AttemptEnd,
        'name not resolved' | 'connect refused' | 'unreachable' | 'dial timeout' | 'egress denied' | 'client gone'
      >;
      readonly message: string;
      readonly address: string | null;
    };

/** The limits of one dial. */
export interface DialBounds {
  readonly egress: EgressRules;
  readonly timeoutMs: number;
  /** Aborted when the client is gone and the dial is no longer needed. */
  readonly signal: AbortSignal;
}

/**
 * Dials a resource; every connection of a relay to a resource is made here. It tries the name's addresses in the resolver's
 * order, each checked against the egress rules, until one connects.
 */
export async function dialResource(hostname: string, port: number, bounds: DialBounds): Promise<Dialled> {
  const deadline = new AbortController();
  const giveUp = () => deadline.abort();
  const timer = setTimeout(giveUp, bounds.timeoutMs);
  bounds.signal.addEventListener('abort', giveUp, { once: true });
  if (bounds.signal.aborted) giveUp();
  try {
    return await dialWithin(hostname, port, bounds, deadline.signal);
  } finally {
    clearTimeout(timer);
    bounds.signal.removeEventListener('abort', giveUp);
  }
}

async function dialWithin(hostname: string, port: number, bounds: DialBounds, signal: AbortSignal): Promise<Dialled> {
  let addresses: string[];
  try {
    addresses = isIP(hostname) === 0 ? await within(lookUp(hostname), signal) : [hostname];
  } catch (error) {
    if (signal.aborted) return gaveUp(bounds, null);
    return {
      ok: false,
      reason: 'name not resolved',
      message: `${hostname} could not be resolved (${(error as NodeJS.ErrnoException).code})`,
      address: null,
    };
  }
  let last: Dialled = { ok: false, reason: 'name not resolved', message: `${hostname} has no address`, address: null };
  for (const address of addresses) {
    const egress = decideEgress(bounds.egress, address);
    if (!egress.allowed) {
      last = { ok: false, reason: 'egress denied', message: egress.why, address };
      continue;
    }
    const shown = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    try {
      const socket = await connectSocket({ ...CARRIED_SOCKET, host: address, port, allowHalfOpen: true }, { signal });
      return { ok: true, socket, address: shown, endpoint: { address, port } };
    } catch (error) {
      if (signal.aborted) return gaveUp(bounds, shown);
      last = failed(error as ConnectError, shown);
    }
  }
  return last;
}

function failed({ code, message, cause }: ConnectError, address: string): Dialled {
  const system = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
  return {
    ok: false,
    reason: code === 'refused' ? 'connect refused' : 'unreachable',
    message: `${address}: ${system}`,
    address,
  };
}

const gaveUp = (bounds: DialBounds, address: string | null): Dialled =>
  bounds.signal.aborted
    ? { ok: false, reason: 'client gone', message: 'the client went away while the resource was dialled', address }
    : {
        ok: false,
        reason: 'dial timeout',
        message: `${address ?? 'the name'}: no answer within ${bounds.timeoutMs / 1000} s`,
        address,
      };

function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    work.then(resolve, reject);
  });
}

import { connect } from 'node:net';
import { splitHostPort } from '@sluice/process';

const PROBE_TIMEOUT_MS = 1500;

/**
 * How long it takes until something accepts a connection at an address, in milliseconds; undefined when nothing does.
 * Who it is shows when a link is dialled.
 */
export function roundTrip(address: string): Promise<number | undefined> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ ...splitHostPort(address), timeout: PROBE_TIMEOUT_MS });
    const done = (ms: number | undefined) => {
      socket.destroy();
      resolve(ms);
    };
    socket
      .once('connect', () => done(performance.now() - begun))
      .once('timeout', () => done(undefined))
      .once('error', () => done(undefined));
  });
}

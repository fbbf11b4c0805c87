import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeMessage } from '../preamble/messages.js';
import { readMessage } from '../preamble/read-message.js';
import { encodeProxyHeader, readProxyHeader } from '../proxy-header/proxy-header.js';
import { TunnelError } from './tunnel-error.js';

/** `SLUICE_FUZZ_RUNS` sets the number of runs; `SLUICE_FUZZ_SEED` repeats a run. */
const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['SLUICE_FUZZ_SEED']);

let server: Server;
beforeAll(async () => {
  server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** Sends bytes over a connection, split at these offsets; each piece is read before the next is sent. Resolves to the result of `read`, and what it left unread. */
async function sent<T>(bytes: Buffer, cuts: readonly number[], read: (socket: Socket, signal: AbortSignal) => Promise<T>) {
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true);
  near.on('error', () => undefined);
  const [far] = (await once(server, 'connection')) as [Socket];
  const outcome = read(far, AbortSignal.timeout(10_000)).catch((error: unknown) => error as Error);
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b);
  for (const [i, from] of [0, ...places].entries()) {
    const to = places[i] ?? bytes.length;
    if (to > from) near.write(bytes.subarray(from, to));
    while (far.bytesRead < to && !far.destroyed) await new Promise(setImmediate);
  }
  near.end();
  const result = await outcome;
  let rest = '';
  if (!far.readableEnded) {
    far.on('data', (chunk: Buffer) => (rest += chunk.toString('hex'))).resume();
    await once(far, 'close');
  }
  return { result, rest };
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const rest = fc.uint8Array({ maxLength: 100 });
const address = fc.oneof(
  fc.ipV4(),
  fc
    .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((g) => g.toString(16)).join(':')),
);
const header = fc.record({
  clientAddress: address,
  clientPort: fc.integer({ min: 0, max: 65_535 }),
  gatewayId: fc.uuid(),
  accountId: fc.uuid(),
});

describe(`what is read from a connection, however its bytes are split (${RUNS} runs, seed ${SEED})`, () => {
  it('is the preamble message that was sent, and nothing of what follows it', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 500 }), rest, cuts, async (text, after, at) => {
        const message = encodeMessage({ text });
        const read = await sent(Buffer.concat([message, after]), at, readMessage);
        expect(read).toEqual({ result: { bytes: message, body: message.subarray(2) }, rest: Buffer.from(after).toString('hex') });
      }),
      { numRuns: RUNS, seed: SEED },
    ));

  it('is the PROXY header that was sent, and nothing of what follows it', () =>
    fc.assert(
      fc.asyncProperty(header, rest, cuts, async (introduced, after, at) => {
        const read = await sent(Buffer.concat([encodeProxyHeader(introduced), after]), at, readProxyHeader);
        expect(read).toEqual({ result: introduced, rest: Buffer.from(after).toString('hex') });
      }),
      { numRuns: RUNS, seed: SEED },
    ));

  it('is an error that says why when it is garbage or cut short, and never another exception', () =>
    fc.assert(
      fc.asyncProperty(header, fc.nat(90), fc.uint8Array({ maxLength: 200 }), cuts, async (introduced, keep, garbage, at) => {
        const whole = encodeProxyHeader(introduced);
        const begun = whole.subarray(0, Math.min(keep, whole.length - 40)); // the account's id is never complete
        const { result } = await sent(Buffer.concat([begun, garbage]), at, readProxyHeader);
        expect(result).toBeInstanceOf(TunnelError);
        const long = await sent(Buffer.concat([Buffer.from([0xff]), garbage, Buffer.from([0])]), at, readMessage);
        expect(long.result).toBeInstanceOf(TunnelError);
      }),
      { numRuns: RUNS, seed: SEED },
    ));
});

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { requestCredentials } from './request-credentials.js';

let server: Server;
afterEach(() => void server.close());

/** What a relay makes of the responses of a gateway that was taken over. */
async function received(respond: RequestListener): Promise<{ gateway: string; failure: Error }> {
  server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const failure = await requestCredentials(gateway, '/nodes/renew', {}).then(
    () => new Error('accepted'),
    (error: unknown) => error as Error,
  );
  return { gateway, failure };
}

it('reads no more of a response than a limit', async () => {
  let sent = 0;
  const { gateway, failure } = await received((_, response) => {
    const send = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))) sent += 65_536;
    };
    response.writeHead(200, { 'content-type': 'application/json' }).on('drain', send);
    send();
  });
  expect(failure.message).toContain(`${gateway}/api/v1/nodes/renew has more than 262144 bytes`);
  expect(sent).toBeLessThan(16 * 1024 * 1024); // in the buffers of sockets
});

it('gives a short reason, in plain text, for whatever a response says or has in place of credentials', async () => {
  const long = `\n{"level":"info"} ${'x'.repeat(100_000)}`;
  const problem = { type: 'about:blank', title: long, status: 401, code: 'renewal_refused' };
  const malformed = { [long]: 1, gateways: Array<number>(60_000).fill(1) };
  for (const [status, body] of [
    [401, problem],
    [503, problem],
    [200, malformed],
  ] as const) {
    const { failure } = await received((_, response) => response.writeHead(status).end(JSON.stringify(body)));
    expect(failure.message).toMatch(/^(\{"level":"info"\} x|http:.* sent malformed credentials: )/);
    expect(failure.message.length).toBeLessThanOrEqual(300);
    server.close();
  }
});

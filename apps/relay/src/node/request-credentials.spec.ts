import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { requestCredentials } from './request-credentials.js';

it('reads no more of a response than a limit', async () => {
  let sent = 0;
  const server = createServer((_, response) => {
    const send = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))) sent += 65_536;
    };
    response.writeHead(200, { 'content-type': 'application/json' }).on('drain', send);
    send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(requestCredentials(gateway, '/nodes/renew', {})).rejects.toThrow(
    `${gateway}/api/v1/nodes/renew has more than 1048576 bytes`,
  );
  expect(sent).toBeLessThan(16 * 1024 * 1024); // in the buffers of sockets
  server.close();
});

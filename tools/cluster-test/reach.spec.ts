import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const reach = async (...args: string[]) =>
  JSON.parse((await run(process.execPath, [path.join(import.meta.dirname, 'reach.mjs'), ...args])).stdout) as unknown[];

/** Runs a test with a server; without a host it listens with IPv6 too, as services do. */
async function withServer(host: string | undefined, test: (port: number) => Promise<void>) {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  try {
    await test((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

describe('what can be reached', () => {
  it.each(['0.0.0.0', undefined])('includes a port at which somebody listens at every address (%s)', (host) =>
    withServer(host, async (port) => {
      expect(await reach('listening')).toContain(port);
    }),
  );

  it('does not include one at which somebody listens on the loopback', () =>
    withServer('127.0.0.1', async (port) => {
      expect(await reach('listening')).not.toContain(port);
    }));

  it('is found out by connecting', async () => {
    let closed = 0;
    await withServer('127.0.0.1', async (port) => {
      closed = port;
      expect(await reach('connect', `127.0.0.1:${port}`)).toEqual(['open']);
    });
    expect(await reach('connect', `127.0.0.1:${closed}`)).toEqual(['ECONNREFUSED']);
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { ExportConfig } from './config.js';
import { makeDestination } from './make-destination.js';

it('does not repeat the path or the query of its URL, which can be secret, in what it says of a response', async () => {
  const server = createServer((request, response) =>
    response.writeHead(404).end(`Cannot POST ${request.url}: no such key=HIDDEN`),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T000/SECRET?key=HIDDEN`);
  const destination = await makeDestination({ kind: 'webhook', url, timeoutMs: 5000 } as ExportConfig);
  try {
    const failure = await destination.send([], new AbortController().signal).catch((error: Error) => error.message);
    expect(failure).toContain('404: Cannot POST');
    expect(failure).not.toMatch(/T000|SECRET|HIDDEN/);
  } finally {
    await destination.close();
    server.close();
  }
});

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createLog } from '@sluice/process';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../config.js';
import { ClientAddress } from '../client/client-address.js';
import { InstallRoutes } from './install-routes.http.js';

const BYTES = Buffer.alloc(300_000, 'agent');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});

/** Serves the routes, either as after `npm run build` or as in a checkout that is not built. */
async function serve(built: boolean): Promise<string> {
  const agentPackage = mkdtempSync(path.join(tmpdir(), 'sluice-packed-'));
  if (built) writeFileSync(path.join(agentPackage, 'sluice-agent-9.8.7.tgz'), BYTES);
  const host = new HttpAdapterHost();
  host.httpAdapter = new FastifyAdapter();
  const log = createLog('gateway', 'silent');
  new InstallRoutes(host, new ClientAddress([], log), log, { agentPackage } as GatewayConfig).onModuleInit();
  const server = host.httpAdapter.getInstance<FastifyInstance>();
  await server.listen({ host: '127.0.0.1', port: 0 });
  cleanUp.push(
    () => server.close(),
    () => rmSync(agentPackage, { recursive: true }),
  );
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

describe('/install', () => {
  it('shows what to type, with the address of the request and the checksum', async () => {
    const url = await serve(true);
    const answer = await fetch(`${url}/install`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain(`npm i -g ${url}/install/sluice-agent.tgz\n`);
    for (const part of [SHA256, '9.8.7', `sluice login --server ${url}`, 'not tested on Linux arm64 and macOS'])
      expect(text).toContain(part);
  });

  it('is a page without scripts for a browser', async () => {
    const url = await serve(true);
    const answer = await fetch(`${url}/install/`, { headers: { accept: 'text/html,application/xhtml+xml;q=0.9' } });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await answer.text();
    expect(html).toContain(`<pre>npm i -g ${url}/install/sluice-agent.tgz</pre>`);
    expect(html).toContain(SHA256);
    expect(html).not.toMatch(/<script|\son\w+=/i);
  });

  it.each(['evil"><script>alert(1)</script>', "x;rm -rf ~ '", 'a b', '$(id)', '`id`'])(
    'repeats no host that could do harm in a command: %s',
    async (host) => {
      const { port, hostname } = new URL(await serve(true));
      const said = await new Promise<string>((resolve, reject) => {
        get({ port, hostname, path: '/install', headers: { host, accept: 'text/html' } }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
        }).on('error', reject);
      });
      expect(said).not.toContain(host);
      expect(said).not.toContain('<script');
      if (said.startsWith('<!doctype')) expect(said).toContain('npm i -g https://GATEWAY/install/sluice-agent.tgz');
    },
  );

  it('serves the whole package, and does not send it again to a client that has it already', async () => {
    const url = `${await serve(true)}/install/sluice-agent.tgz`;
    const answer = await fetch(url);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': String(BYTES.length),
      etag: `"${SHA256}"`,
      'content-disposition': 'attachment; filename="sluice-agent-9.8.7.tgz"',
    });
    expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES)).toBe(true);
    for (const known of [`"${SHA256}"`, `"x", W/"${SHA256}"`, '*']) {
      const again = await fetch(url, { headers: { 'if-none-match': known } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    expect((await fetch(url, { headers: { 'if-none-match': '"of another"' } })).status).toBe(200);
  });

  it('answers HEAD', async () => {
    const url = await serve(true);
    const page = await fetch(`${url}/install`, { method: 'HEAD' });
    expect([page.status, await page.text()]).toEqual([200, '']);
    const file = await fetch(`${url}/install/sluice-agent.tgz`, { method: 'HEAD' });
    expect([file.status, file.headers.get('content-length'), await file.text()]).toEqual([200, String(BYTES.length), '']);
  });

  it.each([
    '/install/../config.js',
    '/install/%2e%2e/package.json',
    '/install/..%2f..%2fetc%2fpasswd',
    '/install/sluice-agent-9.8.7.tgz',
    '/install/sluice-agent.tgz/..',
  ])('serves nothing else: %s', async (target) => {
    const { port, hostname } = new URL(await serve(true));
    const status = await new Promise((resolve, reject) => {
      get({ port, hostname, path: target }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(404);
  });

  it('answers with a problem when the package is not built', async () => {
    const url = await serve(false);
    for (const target of ['/install', '/install/sluice-agent.tgz']) {
      const answer = await fetch(`${url}${target}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        code: 'agent_not_packaged',
        title: expect.stringContaining('npm run build') as string,
      });
    }
  });

  it('has the budget of other calls that need no login', async () => {
    const url = await serve(true);
    const statuses = new Map<number, number>();
    for (let i = 0; i < 601; i++) {
      const { status } = await fetch(`${url}/install`, { method: 'HEAD' });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 600, 429: 1 });
    const refused = await fetch(`${url}/install/sluice-agent.tgz`);
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number) as number]);
  }, 30_000);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AddressBlock } from '@sluice/domain';
import { parseBlock } from '@sluice/domain';
import { createLog } from '@sluice/process';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../config.js';
import { ClientAddress } from '../client/client-address.js';
import { ConsoleRoutes } from './console-routes.http.js';
import { requireTransportSecurity } from './strict-transport.js';

const INDEX =
  '<!doctype html><html><meta property="csp-nonce" nonce="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style></html>';
const SCRIPT = 'console.log("the console");'.repeat(200);
const HTML = { accept: 'text/html,application/xhtml+xml;q=0.9' };
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});

function build(folder: string): void {
  const assets = path.join(folder, 'assets');
  mkdirSync(assets);
  writeFileSync(path.join(folder, 'index.html'), INDEX);
  writeFileSync(path.join(folder, 'secret.txt'), 'beside the page');
  writeFileSync(path.join(assets, 'index-4f2a.js'), SCRIPT);
  writeFileSync(path.join(assets, 'index-4f2a.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(path.join(assets, 'index-4f2a.js.gz'), gzipSync(SCRIPT));
  writeFileSync(path.join(assets, '.hidden.js'), 'not for browsers');
}

/** Serves the routes of a console that is built, or not. A proxy on this machine is trusted. */
async function serve(built = true): Promise<{ url: string; folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-console-'));
  if (built) build(folder);
  const host = new HttpAdapterHost();
  host.httpAdapter = new FastifyAdapter();
  const log = createLog('gateway', 'silent');
  const clients = new ClientAddress([parseBlock('127.0.0.1') as AddressBlock], log);
  const server = host.httpAdapter.getInstance<FastifyInstance>();
  requireTransportSecurity(server, clients);
  server.get('/api/v1/known', () => ({ known: true }));
  new ConsoleRoutes(host, clients, log, { console: folder } as GatewayConfig).onModuleInit();
  await server.listen({ host: '127.0.0.1', port: 0 });
  cleanUp.push(
    () => server.close(),
    () => rmSync(folder, { recursive: true }),
  );
  return { url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`, folder };
}

/** A request whose path and encodings are sent exactly as given. */
function raw(url: string, target: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(url);
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
    get({ hostname, port, path: target, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}

describe("the console's page", () => {
  it.each(['/', '/?next=1', '/servers', '/servers/7b0c', '/apiary', '/sessions?until=2026-01-01'])('is at %s', async (target) => {
    const { url } = await serve();
    const answer = await fetch(url + target, { headers: HTML });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await answer.text()).toContain('<!doctype html>');
  });

  it('has a nonce of its own each time, and allows nothing that is not from here', async () => {
    const { url } = await serve();
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(url);
      const html = await answer.text();
      const nonce = /csp-nonce" nonce="([\w-]{24})"/.exec(html)?.[1] ?? '';
      nonces.add(nonce);
      expect(html).toContain(`<style nonce="${nonce}">`);
      expect(answer.headers.get('content-security-policy')).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      );
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    }
    expect(nonces.size).toBe(3);
  });

  it('is of the build that is there now', async () => {
    const { url, folder } = await serve(false);
    const before = await fetch(url, { headers: HTML });
    expect([before.status, await before.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'console_not_built', title: expect.stringContaining('SLUICE_CONSOLE') as string }),
    ]);
    build(folder);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}/assets/index-4f2a.js`)).status).toBe(200);
  });

  it.each(['/api/v1/nothing', '/api', '/install/nothing', '/livez/x', '/assets', '/assets/', '/assets/missing.js', '/readyz?x'])(
    'is not at %s',
    async (target) => {
      const { url } = await serve();
      expect((await fetch(url + target, { headers: HTML })).status).toBe(404);
    },
  );

  it('is not the answer to a program that asks for something that is not there', async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/servers`, { headers: { accept: 'application/json' } })).status).toBe(404);
    expect((await fetch(`${url}/servers`, { method: 'POST', headers: HTML })).status).toBe(404);
    expect((await fetch(`${url}/api/v1/known`, { headers: HTML })).status).toBe(200);
  });

  it('answers HEAD, and has the budget of other calls that need no login', async () => {
    const { url } = await serve();
    const statuses = new Map<number, number>();
    for (let i = 0; i < 601; i++) {
      const { status } = await fetch(url, { method: 'HEAD' });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 600, 429: 1 });
    expect((await fetch(`${url}/assets/index-4f2a.js`)).status).toBe(200);
  }, 30_000);

  it('has browsers come back over TLS where they came over TLS', async () => {
    const { url } = await serve();
    const hsts = async (target: string, proto: string) =>
      (await raw(url, target, { 'x-forwarded-proto': proto })).headers['strict-transport-security'];
    for (const target of ['/', '/api/v1/known', '/assets/index-4f2a.js']) {
      expect(await hsts(target, 'https')).toBe('max-age=31536000');
      expect(await hsts(target, 'http')).toBeUndefined();
    }
  });
});

describe("the console's files", () => {
  it('are kept for a year, whole, and known again by their tag', async () => {
    const { url } = await serve();
    const answer = await raw(url, '/assets/index-4f2a.js');
    expect(answer.bytes.toString()).toBe(SCRIPT);
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': expect.stringMatching(/^(text|application)\/javascript; charset=utf-8$/i) as string,
      'x-content-type-options': 'nosniff',
    });
    const etag = String(answer.headers['etag']);
    expect((await raw(url, '/assets/index-4f2a.js', { 'if-none-match': etag })).status).toBe(304);
  });

  it.each<[string, string, (bytes: Buffer) => Buffer]>([
    ['br', 'gzip, deflate, br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
  ])('are sent compressed as %s to who takes it', async (encoding, accepted, decompress) => {
    const { url } = await serve();
    const answer = await raw(url, '/assets/index-4f2a.js', { 'accept-encoding': accepted });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers['vary']).toMatch(/accept-encoding/i);
    expect(decompress(answer.bytes).toString()).toBe(SCRIPT);
    expect(answer.headers['content-type']).toMatch(/javascript/);
  });

  it.each([
    '/assets/missing-1.js',
    '/assets/.hidden.js',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%2fsecret.txt',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/secret.txt',
  ])('are no others: %s', async (target) => {
    const { url } = await serve();
    const answer = await raw(url, target);
    expect([403, 404]).toContain(answer.status);
    expect(answer.bytes.toString()).not.toContain('beside the page');
  });
});

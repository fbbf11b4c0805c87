import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { testFolder, TestStores } from '@sluice/testing';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleServices } from './bundle.mjs';
import { compile } from './compile.mjs';

const apps = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'apps');
const folders: string[] = [];

beforeAll(async () => {
  await compile();
  await bundleServices();
}, 60_000);

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What a program writes that is run from a folder with nothing but its bundle, as in an image. */
function runAlone(app: string, program: string, env: Record<string, string> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bundle-'));
  folders.push(folder);
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  const bundle = path.join(apps, app, 'bundle');
  for (const name of readdirSync(bundle)) copyFileSync(path.join(bundle, name), path.join(folder, name));
  try {
    return execFileSync(process.execPath, [path.join(folder, program)], { cwd: folder, env, stdio: 'pipe' }).toString();
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

describe('the bundle of a service', () => {
  it.each([
    ['audit', 'main.js', 'NATS_URL'],
    ['export', 'main.js', 'SLUICE_EXPORT_DESTINATION'],
    ['gateway', 'main.js', 'NATS_URL'],
    ['health', 'main.js', 'NATS_URL'],
    ['registry', 'main.js', 'NATS_URL'],
    ['registry', 'recover-admin.js', 'DATABASE_URL'],
    ['relay', 'main.js', 'SLUICE_RELAY_HOME'],
  ])('%s has all that %s loads: it gets as far as its configuration', (app, program, setting) => {
    const output = runAlone(app, program);
    expect(output).toContain(setting);
    expect(output).not.toMatch(/Cannot find|ERR_/);
  });

  it('has the driver of its database, which TypeORM looks for only when it connects', async () => {
    const { startPostgres } = await import('@sluice/embedded');
    const home = testFolder('bundle');
    folders.push(home);
    const database = await startPostgres(home, 'for-tests-alone');
    try {
      const output = runAlone('registry', 'recover-admin.js', { DATABASE_URL: database.url });
      expect(output).toMatch(/relation ".*account" does not exist/); // PostgreSQL's own answer
    } finally {
      await database.stop();
    }
  }, 30_000);

  it('is built again when something changed during the build', async () => {
    const main = path.join(apps, 'health', 'dist', 'main.js');
    const touch = () => utimesSync(main, new Date(), new Date());
    const drafts = testFolder('drafts');
    folders.push(drafts);
    vi.stubEnv('TMPDIR', drafts);
    touch();
    const making = bundleServices();
    await vi.waitFor(() => expect(readdirSync(drafts)).toHaveLength(1), { interval: 1 }); // it has begun
    touch();
    expect(await making).toBe(1);
    vi.unstubAllEnvs();
    expect(await bundleServices()).toBe(1);
    expect(await bundleServices()).toBe(0);
  }, 60_000);

  it.each(['audit', 'export', 'gateway', 'health', 'registry', 'relay'])(
    'of %s has the SDK of traces in a file of its own, which is not read unless they are on',
    (app) => {
      const read = (name: string) => readFileSync(path.join(apps, app, 'bundle', name), 'utf8');
      expect(read('trace-sdk.js')).toContain('OTLPTraceExporter');
      const lines = read('main.js').split('\n');
      expect(lines.filter((line) => line.includes('OTLPTraceExporter') || line.includes('BatchSpanProcessor'))).toEqual([]);
      expect(lines.filter((line) => line.includes('trace-sdk.js') && !line.startsWith('//'))).toEqual([
        expect.stringContaining('await import("./trace-sdk.js")'),
      ]);
    },
  );

  it('traces with the SDK beside it, which has a copy of the API of its own', async () => {
    const stores = await TestStores.start({ postgres: false });
    const collector = createServer().listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const gateway = fork(path.join(apps, 'gateway', 'bundle', 'main.js'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
      env: {
        ...stores.environmentOf('gateway'),
        ...{ SLUICE_GATEWAY_PARTS: 'api', SLUICE_HTTP_ADDRESS: '127.0.0.1:0', OTEL_BSP_SCHEDULE_DELAY: '10' },
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      },
    });
    try {
      const [{ httpPort }] = (await once(gateway, 'message')) as [{ httpPort: number }];
      const sent = once(collector, 'request') as Promise<[IncomingMessage, ServerResponse]>;
      expect((await fetch(`http://127.0.0.1:${httpPort}/api/v1/me`)).status).toBe(503); // there is no registry
      const [request, response] = await sent;
      expect(request.url).toBe('/v1/traces');
      let body = '';
      for await (const chunk of request) body += String(chunk);
      response.end('{}');
      expect(body).toContain('"sluice-gateway"');
    } finally {
      const ended = once(gateway, 'exit');
      gateway.kill();
      await ended;
      collector.close();
      await stores.stop();
    }
  }, 60_000);

  it('names the packages that are part of it', () => {
    expect(readdirSync(path.join(apps, 'relay', 'bundle'))).toContain('THIRD-PARTY.txt');
  });
});

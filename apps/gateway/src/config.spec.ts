import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayConfig } from './config.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-gateway-config-'));
  writeFileSync(path.join(folder, 'bus.json'), JSON.stringify({ jwt: 'x', seed: 'y' }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (env: Record<string, string>) =>
  new GatewayConfig({ NATS_URL: 'nats://127.0.0.1', SLUICE_BUS_CREDENTIALS_FILE: path.join(folder, 'bus.json'), ...env });

it('rejects the old switch that trusted everybody, and names its replacement', () => {
  for (const value of ['0', '1'])
    expect(() => read({ SLUICE_BEHIND_PROXY: value })).toThrow(/SLUICE_BEHIND_PROXY: .*SLUICE_TRUSTED_PROXIES/);
});

it('accepts addresses and blocks of proxies, but neither host names nor a block of all addresses', () => {
  expect(read({ SLUICE_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::/32,192.0.2.7' }).trustedProxies).toHaveLength(3);
  expect(read({}).trustedProxies).toEqual([]);
  for (const wrong of ['proxy.example.com', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.1,::/0'])
    expect(() => read({ SLUICE_TRUSTED_PROXIES: wrong })).toThrow(/SLUICE_TRUSTED_PROXIES/);
});

it('serves plain HTTP beyond loopback only behind trusted proxies', () => {
  expect(() => read({ SLUICE_HTTP_ADDRESS: '0.0.0.0:8080' })).toThrow(/SLUICE_HTTP_ADDRESS/);
  expect(read({ SLUICE_HTTP_ADDRESS: '0.0.0.0:8080', SLUICE_TRUSTED_PROXIES: '10.0.0.1' }).http.host).toBe('0.0.0.0');
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '@sluice/process';
import { afterAll, expect, it } from 'vitest';
import { ExportConfig } from './config.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-export-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};
const PUBLIC_KEY = `U${'A'.repeat(55)}`;
const jwt = ['{}', JSON.stringify({ sub: PUBLIC_KEY }), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
const creds = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\nSUAB\n------END USER NKEY SEED------\n`;
const read = (env: Record<string, string>): ExportConfig =>
  new ExportConfig({
    NATS_URL: 'tls://nats:4222',
    SLUICE_EXPORT_CREDENTIALS_FILE: fileOf('reader.creds', creds),
    SLUICE_EXPORT_HOME: folder,
    ...env,
  });
const webhook = { SLUICE_EXPORT_DESTINATION: 'webhook', SLUICE_EXPORT_URL: 'https://example.com/hook' };

it('is that of the reader in the credentials file, and of one destination', () => {
  expect(read({ SLUICE_EXPORT_DESTINATION: 'file' })).toMatchObject({
    stream: 'AUDIT',
    credentials: { publicKey: PUBLIC_KEY, seed: 'SUAB' },
    maxEvents: 100,
    collectMs: 0,
  });
  expect(read(webhook).url?.href).toBe('https://example.com/hook');
  const url = fileOf('url', 'https://example.com/secret\n');
  expect(read({ SLUICE_EXPORT_DESTINATION: 'webhook', SLUICE_EXPORT_URL_FILE: url }).url?.href).toBe(
    'https://example.com/secret',
  );
});

it.each([
  [{ SLUICE_EXPORT_DESTINATION: 'kafka' }, 'SLUICE_EXPORT_DESTINATION: is one of file, webhook, splunk, elastic, syslog'],
  [{ SLUICE_EXPORT_DESTINATION: 'webhook' }, 'SLUICE_EXPORT_URL: or SLUICE_EXPORT_URL_FILE is needed'],
  [{ ...webhook, SLUICE_EXPORT_URL: 'tls://example.com:6514' }, 'does not fit the URL'],
  [{ SLUICE_EXPORT_DESTINATION: 'syslog', SLUICE_EXPORT_URL: 'tls://example.com' }, 'does not fit the URL'],
  [{ ...webhook, SLUICE_EXPORT_URL: 'http://example.com/' }, 'SLUICE_EXPORT_PLAINTEXT: is not allowed'],
  [{ SLUICE_EXPORT_DESTINATION: 'syslog', SLUICE_EXPORT_URL: 'tcp://10.0.0.1:514' }, 'SLUICE_EXPORT_PLAINTEXT: is not allowed'],
  [{ SLUICE_EXPORT_DESTINATION: 'splunk', SLUICE_EXPORT_URL: 'https://example.com/' }, 'SLUICE_EXPORT_TOKEN_FILE: is needed'],
  [{ SLUICE_EXPORT_DESTINATION: 'elastic', SLUICE_EXPORT_URL: 'https://example.com/' }, 'SLUICE_EXPORT_INDEX: is needed'],
  [{ ...webhook, SLUICE_EXPORT_CERT_FILE: fileOf('cert', 'x') }, 'belong together'],
  [{ ...webhook, SLUICE_EXPORT_S3_LOCK: 'compliance' }, 'SLUICE_EXPORT_S3_LOCK: and SLUICE_EXPORT_S3_LOCK_DAYS belong together'],
  [{ ...webhook, SLUICE_EXPORT_S3_LOCK: 'forever', SLUICE_EXPORT_S3_LOCK_DAYS: '1' }, 'SLUICE_EXPORT_S3_LOCK'],
  [{ ...webhook, SLUICE_EXPORT_TOKEN_FILE: fileOf('two', 'a\nb') }, 'more than one line'],
  [{ ...webhook, SLUICE_EXPORT_SIGNING_KEY_FILE: fileOf('short', 'short') }, 'less than 16 characters'],
  [
    { ...webhook, SLUICE_EXPORT_CREDENTIALS_FILE: fileOf('none', creds.replace('USER JWT', 'USER')) },
    'no credentials of a SIEM reader',
  ],
])('is refused: %j', (env, why) => {
  expect(() => read(env)).toThrow(ConfigError);
  expect(() => read(env)).toThrow(why);
});

it('may be without encryption on this machine, or where that is allowed', () => {
  expect(read({ ...webhook, SLUICE_EXPORT_URL: 'http://127.0.0.1:8000/' }).url?.port).toBe('8000');
  expect(read({ ...webhook, SLUICE_EXPORT_URL: 'http://example.com/', SLUICE_EXPORT_PLAINTEXT: 'allowed' }).url?.host).toBe(
    'example.com',
  );
});

it('is refused without showing a secret', () => {
  for (const url of ['https://ada:hunter2@example.com/', 'hunter2 no url'])
    expect(() => read({ ...webhook, SLUICE_EXPORT_URL: url })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }) as Error,
    );
});

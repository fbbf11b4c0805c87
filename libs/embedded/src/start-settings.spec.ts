import { ConfigError } from '@sluice/process';
import { expect, it } from 'vitest';
import { readStartSettings } from './start-settings.js';

it('has a default for what is not set, and treats an empty value as not set', () => {
  expect(readStartSettings({ SLUICE_HTTP_PORT: '', PATH: 'any' })).toEqual({
    SLUICE_HTTP_PORT: 8080,
    SLUICE_TUNNEL_PORT: 8443,
    SLUICE_DRAIN_SECONDS: 30,
    SLUICE_LOG_LEVEL: 'info',
  });
  expect(readStartSettings({ SLUICE_DRAIN_SECONDS: '0.5', SLUICE_LOG_BYTES: '100' })).toMatchObject({
    SLUICE_DRAIN_SECONDS: 0.5,
    SLUICE_LOG_BYTES: 100,
  });
});

it('names every wrong setting at once', () => {
  const wrong = {
    SLUICE_HTTP_PORT: 'many',
    SLUICE_TUNNEL_PORT: '70000',
    SLUICE_LOG_BYTES: '1',
    SLUICE_DRAIN_SECONDS: '-1',
    SLUICE_HOME: '/proc/x',
    SLUICE_NODE: '/bin/false',
    SLUICE_LOG_LEVEL: 'loud',
    SLUICE_EGRESS_ALLOW: '10.0.0.0/99',
    DATABASE_URL: 'mysql://x',
    NATS_SERVER_BIN: '/nowhere',
  };
  expect(() => readStartSettings(wrong)).toThrow(ConfigError);
  for (const name of Object.keys(wrong)) expect(() => readStartSettings(wrong)).toThrow(`\n  ${name}: `);
  expect(() => readStartSettings(wrong)).toThrow('SLUICE_TUNNEL_PORT: is a port from 1 to 65535 (it is "70000")');
});

it('rejects the same port for both', () => {
  expect(() => readStartSettings({ SLUICE_HTTP_PORT: '8443' })).toThrow(
    'SLUICE_TUNNEL_PORT: is the same port as SLUICE_HTTP_PORT',
  );
});

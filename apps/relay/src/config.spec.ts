import { ConfigError } from '@sluice/process';
import { describe, expect, it } from 'vitest';
import { RelayConfig } from './config.js';

const read = (env: Record<string, string>): RelayConfig => new RelayConfig({ SLUICE_RELAY_HOME: 'relay', ...env });

describe("a relay's configuration", () => {
  it('treats a policy as stale after 5 minutes for new sessions and 15 for live ones, or after the configured times', () => {
    expect(read({})).toMatchObject({ staleNewMs: 300_000, staleLiveMs: 900_000 });
    const given = read({ SLUICE_POLICY_STALE_NEW_SECONDS: '60', SLUICE_POLICY_STALE_LIVE_SECONDS: '60' });
    expect(given).toMatchObject({ staleNewMs: 60_000, staleLiveMs: 60_000 });
  });

  it('is refused when live sessions would end before new ones are refused', () => {
    const wrong = () => read({ SLUICE_POLICY_STALE_LIVE_SECONDS: '100' });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow('SLUICE_POLICY_STALE_LIVE_SECONDS: is less than SLUICE_POLICY_STALE_NEW_SECONDS');
    expect(() => read({ SLUICE_POLICY_STALE_NEW_SECONDS: '1000' })).toThrow('is less than'); // the default of the other
  });

  it('is refused when it listens on every address without an advertised address', () => {
    expect(() => read({ SLUICE_TUNNEL_ADDRESS: '0.0.0.0:8443' })).toThrow('SLUICE_TUNNEL_ADVERTISED: is not set');
  });
});

import { ConfigError } from '@sluice/process';
import { describe, expect, it } from 'vitest';
import { RelayConfig } from './config.js';

const read = (env: Record<string, string>): RelayConfig => new RelayConfig({ SLUICE_RELAY_HOME: 'relay', ...env });

describe("a relay's configuration", () => {
  it('treats a policy as stale after 5 minutes for new sessions and 15 for live ones, or after the configured times', () => {
    expect(read({}).stale).toEqual({ newMs: 300_000, liveMs: 900_000 });
    const told = read({ SLUICE_POLICY_STALE_NEW_SECONDS: '60', SLUICE_POLICY_STALE_LIVE_SECONDS: '60' });
    expect(told.stale).toEqual({ newMs: 60_000, liveMs: 60_000 });
  });

  it('is refused when live sessions would end before new ones are refused', () => {
    const wrong = () => read({ SLUICE_POLICY_STALE_LIVE_SECONDS: '100' });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow('SLUICE_POLICY_STALE_LIVE_SECONDS: is 100, less than SLUICE_POLICY_STALE_NEW_SECONDS, which is 300');
  });

  it('is refused when it listens on every address without an advertised address', () => {
    expect(() => read({ SLUICE_TUNNEL_ADDRESS: '0.0.0.0:8443' })).toThrow('SLUICE_TUNNEL_ADVERTISED: is not set');
  });
});

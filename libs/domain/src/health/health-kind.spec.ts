import { expect, it } from 'vitest';
import { healthKind } from './health-kind.js';

it('distinguishes a server that no relay has tried from one that none could reach', () => {
  const nodes = (...states: ('unknown' | 'healthy' | 'unhealthy')[]) => states.map((state) => ({ state }));
  expect(healthKind({ state: 'healthy', nodes: nodes('unhealthy', 'healthy') })).toBe('healthy');
  expect(healthKind({ state: 'unhealthy', nodes: nodes('unknown', 'unhealthy') })).toBe('unhealthy');
  expect(healthKind({ state: 'unhealthy', nodes: nodes('unknown') })).toBe('unchecked');
  expect(healthKind({ state: 'unhealthy', nodes: [] })).toBe('unchecked');
});

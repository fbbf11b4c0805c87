import type { ServerHealth } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { changeOf } from './health-change.js';

const AT = new Date(0);
const at = (minute: number) => new Date(minute * 60_000).toISOString();
const flapping = [1, 2, 3].map(at);
const healthy: ServerHealth = { state: 'healthy', nodes: [] };
const failed = (lastError: string, minute: number) => ({
  nodeId: lastError,
  nodeName: lastError,
  state: 'unhealthy' as const,
  lastError,
  lastErrorAt: at(minute),
});
const unhealthy: ServerHealth = { state: 'unhealthy', nodes: [failed('refused', 1), failed('timed out', 2)] };

it('is a fact when a server turned healthy or unhealthy, with the latest error', () => {
  expect(changeOf('r', undefined, healthy, AT)).toEqual({ resourceId: 'r', state: 'healthy', why: null, at: at(0) });
  expect(changeOf('r', healthy, unhealthy, AT)).toMatchObject({ state: 'unhealthy', why: 'timed out' });
  expect(changeOf('r', healthy, { state: 'unhealthy', nodes: [] }, AT)?.why).toBe('no relay of its proxy cluster has checked it');
  expect(changeOf('r', healthy, { ...healthy }, AT)).toBeUndefined();
  expect(changeOf('r', undefined, unhealthy, AT)).toBeUndefined(); // a new server is unhealthy until the first success
});

it('is a fact when flapping begins and ends, and not between', () => {
  expect(changeOf('r', unhealthy, { ...healthy, flapping }, AT)).toMatchObject({ state: 'healthy', flapping });
  expect(changeOf('r', { ...healthy, flapping }, { ...unhealthy, flapping: [...flapping, at(4)] }, AT)).toBeUndefined();
  const ended = changeOf('r', { ...healthy, flapping }, healthy, AT);
  expect([ended?.state, ended?.flapping]).toEqual(['healthy', undefined]);
});

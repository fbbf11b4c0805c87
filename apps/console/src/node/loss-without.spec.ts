import { expect, it } from 'vitest';
import { lossWithout } from './loss-without.js';

const drain = { since: '2026-11-27T09:00:00Z', deadline: null };
const relay = (id: string, more: object = {}) =>
  ({ id, kind: 'relay', proxyCluster: null, state: 'online', drain: null, ...more }) as const;
const one = relay('1');

it('says what is lost with the last node of its kind and cluster that is in service', () => {
  expect(lossWithout(one, [one])).toContain('the only relay of the default cluster in service');
  expect(lossWithout({ ...one, proxyCluster: 'berlin' }, [one])).toContain('of the proxy cluster berlin in service');
  expect(lossWithout({ ...one, kind: 'gateway' }, [one])).toContain('the only gateway in service');
});

it('counts no node that is drained, offline or of another cluster', () => {
  expect(lossWithout(one, [one, relay('2')])).toBeUndefined();
  for (const more of [{ state: 'offline' }, { state: 'draining' }, { drain }, { proxyCluster: 'berlin' }, { kind: 'gateway' }])
    expect(lossWithout(one, [one, relay('2', more)])).toBeDefined();
});

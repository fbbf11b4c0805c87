import { describe, expect, it } from 'vitest';
import { arrows, isAllowed } from './arrows.mjs';

describe('what the table of the chart allows', () => {
  it('is each of its arrows', () => {
    const inside = (arrows as { from: string; to: string; port?: string }[]).filter(({ from }) => from !== 'any');
    expect(inside.length).toBeGreaterThan(15);
    for (const { from, to, port } of inside)
      expect(isAllowed(from, to === 'any' ? undefined : to, port), `${from} to ${to}`).toBe(true);
  });

  it.each([
    ['the other way', 'nats', 'relay', 'nats'],
    ['to another port', 'relay', 'nats', 'routes'],
    ['to a port without a name', 'relay', 'nats', undefined],
    ['to what anybody may connect to, from who may not send there', 'registry', 'api', 'http'],
    ['to a store, from who may send to every address', 'relay', 'postgres', 'postgres'],
    ['to metrics, which no namespace may read here', undefined, 'relay', 'operations'],
    ['to a store from another namespace', undefined, 'postgres', 'postgres'],
    ['to the API of the cluster', 'registry', 'kubernetes', undefined],
    ['outside', 'gateway', undefined, undefined],
    ['with a condition that the values do not meet', 'export', 'nats', 'nats'],
  ])('is nothing %s', (_, from, to, port) => {
    expect(isAllowed(from, to, port)).toBe(false);
  });

  it.each([
    ['the API, from another namespace or outside', undefined, 'api', 'http'],
    ['tunnel ports, from another namespace or outside', undefined, 'gateway', 'tunnel'],
    ['servers anywhere, from relays', 'relay', undefined, undefined],
    ['addresses outside, from another namespace', undefined, undefined, undefined],
  ])('includes %s', (_, from, to, port) => {
    expect(isAllowed(from, to, port)).toBe(true);
  });
});

import { noteResult, UNKNOWN_HEALTH } from '@sluice/domain';
import { expect, it } from 'vitest';
import { ProbeSchedule } from './probe-schedule.js';

const INTERVAL = 60_000;
const nodes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const healthy = (now: number) => noteResult(UNKNOWN_HEALTH, undefined, now);

it('lets three relays probe a resource within an interval, and all relays over time', () => {
  const schedule = new ProbeSchedule(INTERVAL);
  const probes: { node: string; at: number }[] = [];
  for (let now = 1000; now < 1000 + 4 * INTERVAL; now += 250) {
    for (const node of schedule.take('r', nodes, now)) {
      probes.push({ node, at: now });
      schedule.note('r', node, healthy(now), now, 0.5);
    }
  }
  expect([...new Set(probes.map(({ node }) => node))].sort()).toEqual(nodes);
  for (const { at } of probes) {
    const within = probes.filter((probe) => probe.at >= at && probe.at < at + INTERVAL);
    expect(new Set(within.map(({ node }) => node)).size).toBeLessThanOrEqual(3);
  }
});

it('lets a relay that failed retry soon, without adding a fourth relay', () => {
  const schedule = new ProbeSchedule(INTERVAL);
  const first = schedule.take('r', nodes, 1000);
  const failed = first[0] as string;
  schedule.note('r', failed, noteResult(UNKNOWN_HEALTH, 'connect refused', 1000), 1000, 0.5);
  expect(schedule.take('r', nodes, 1000 + 5000)).toEqual([failed]);
});

it('schedules a probe at once for a resource that was changed, and from a relay that came back', () => {
  const schedule = new ProbeSchedule(INTERVAL);
  schedule.take('r', ['a', 'b'], 1000);
  expect(schedule.take('r', ['a', 'b'], 1250)).toEqual([]);
  schedule.forgetNode('b');
  expect(schedule.take('r', ['a', 'b'], 1500)).toEqual(['b']);
  schedule.forget('r');
  expect(schedule.take('r', ['a', 'b'], 1750)).toEqual(['a', 'b']);
});

import { expect, it } from 'vitest';
import { RelaySilence } from './relay-silence.js';

const LIMIT = 60_000;
const CAUGHT_UP = { stored: 100, end: 100 };

/** Advances time in steps of two seconds, while the present relays publish. */
function listen(silence: RelaySilence, from: number, seconds: number, present: readonly string[]): number {
  const until = from + seconds * 1000;
  for (let now = from; now <= until; now += 2000) {
    for (const relay of present) silence.received(relay);
    silence.look(now);
  }
  return until;
}

const lost = (silence: RelaySilence, names: readonly string[], stream = CAUGHT_UP) => [...silence.lost(names, LIMIT, stream)];

it('finds exactly the relays that published nothing for the given time', () => {
  const silence = new RelaySilence();
  const all = ['gone', 'here', 'never seen'];
  let now = listen(silence, 1000, 30, ['gone', 'here']);
  now = listen(silence, now, 56, ['here']);
  expect(lost(silence, all)).not.toContain('gone');
  listen(silence, now, 4, ['here']);
  expect(lost(silence, all)).toEqual(['gone', 'never seen']);
  expect(lost(silence, all)).toEqual(['gone', 'never seen']); // the result is stable although their last activity was dropped
});

it('does not count time in which nothing could be received: without the bus, while the process was suspended, before its start', () => {
  const silence = new RelaySilence();
  expect(lost(silence, ['here'])).toEqual([]); // just started: nobody has been silent yet
  let now = listen(silence, 0, 10, ['here']);
  for (let outage = 0; outage < 10; outage++) {
    silence.interrupt(); // an hour without the bus, in which the process keeps running
    now = listen(silence, now + 3600_000, 4, []);
  }
  now = listen(silence, now + 3600_000, 4, []); // an hour in which the process was suspended, without an interruption being noted
  expect(lost(silence, ['here'])).toEqual([]);
  listen(silence, now, 20, []);
  expect(lost(silence, ['here'])).toEqual(['here']);
});

it('waits for what was in the stream when the time was over, and not for what others keep publishing', () => {
  const silence = new RelaySilence();
  listen(silence, 0, 60, []);
  expect(lost(silence, ['gone'], { stored: 100, end: 900 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 899, end: 5000 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 900, end: 9000 })).toEqual(['gone']);
});

it('starts again for a relay that had a fact in the stream after all', () => {
  const silence = new RelaySilence();
  const now = listen(silence, 0, 60, []);
  expect(lost(silence, ['waits'], { stored: 100, end: 900 })).toEqual([]);
  silence.received('waits'); // its fact is stored
  expect(lost(silence, ['waits'], { stored: 5000, end: 5000 })).toEqual([]);
  listen(silence, now, 60, []);
  expect(lost(silence, ['waits'], { stored: 5000, end: 9000 })).toEqual([]); // it waits for the present end of the stream
  expect(lost(silence, ['waits'], { stored: 9000, end: 9000 })).toEqual(['waits']);
});

it('does not wait for sequences of a deleted stream, which are higher than those of its replacement', () => {
  const silence = new RelaySilence();
  listen(silence, 0, 60, []);
  expect(lost(silence, ['gone'], { stored: 100, end: 900 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 2, end: 3 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 3, end: 8 })).toEqual(['gone']);
});

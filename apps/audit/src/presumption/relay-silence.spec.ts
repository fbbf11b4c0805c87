import { expect, it } from 'vitest';
import { RelaySilence } from './relay-silence.js';

const LIMIT = 60_000;
const CAUGHT_UP = { stored: 100, end: 100 };

/** Looks every two seconds for this long, while the present relays publish. */
function listen(silence: RelaySilence, from: number, seconds: number, present: readonly string[]): number {
  const until = from + seconds * 1000;
  for (let now = from; now <= until; now += 2000) {
    for (const relay of present) silence.received(relay);
    silence.look(now);
  }
  return until;
}

const lost = (silence: RelaySilence, names: readonly string[], stream = CAUGHT_UP) => [...silence.lost(names, LIMIT, stream)];

it('finds the relays that said nothing for the time, and no other', () => {
  const silence = new RelaySilence();
  const all = ['gone', 'here', 'never seen'];
  let now = listen(silence, 1000, 30, ['gone', 'here']);
  now = listen(silence, now, 56, ['here']);
  expect(lost(silence, all)).not.toContain('gone');
  listen(silence, now, 4, ['here']);
  expect(lost(silence, all)).toEqual(['gone', 'never seen']);
  expect(lost(silence, all)).toEqual(['gone', 'never seen']); // what was forgotten of them makes no difference
});

it('counts no time in which nothing could be received: the bus away, a process that stood still, a new start', () => {
  const silence = new RelaySilence();
  expect(lost(silence, ['here'])).toEqual([]); // begun this moment: nobody has been silent yet
  let now = listen(silence, 0, 10, ['here']);
  for (let outage = 0; outage < 10; outage++) {
    silence.interrupt(); // an hour without the bus, in which the process looks on
    now = listen(silence, now + 3600_000, 4, []);
  }
  now = listen(silence, now + 3600_000, 4, []); // an hour in which the process did not run, and nobody said so
  expect(lost(silence, ['here'])).toEqual([]);
  listen(silence, now, 20, []);
  expect(lost(silence, ['here'])).toEqual(['here']);
});

it('waits for what was in the stream when a silence was full, and not for what others publish without pause', () => {
  const silence = new RelaySilence();
  listen(silence, 0, 60, []);
  expect(lost(silence, ['gone'], { stored: 100, end: 900 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 899, end: 5000 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 900, end: 9000 })).toEqual(['gone']);
});

it('begins anew with one of whom something was in the stream after all', () => {
  const silence = new RelaySilence();
  const now = listen(silence, 0, 60, []);
  expect(lost(silence, ['waits'], { stored: 100, end: 900 })).toEqual([]);
  silence.received('waits'); // its fact is stored
  expect(lost(silence, ['waits'], { stored: 5000, end: 5000 })).toEqual([]);
  listen(silence, now, 60, []);
  expect(lost(silence, ['waits'], { stored: 5000, end: 9000 })).toEqual([]); // what is awaited is the end of now
  expect(lost(silence, ['waits'], { stored: 9000, end: 9000 })).toEqual(['waits']);
});

it('awaits nothing of a stream that is gone, with higher sequences than the one that was made in its place', () => {
  const silence = new RelaySilence();
  listen(silence, 0, 60, []);
  expect(lost(silence, ['gone'], { stored: 100, end: 900 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 2, end: 3 })).toEqual([]);
  expect(lost(silence, ['gone'], { stored: 3, end: 8 })).toEqual(['gone']);
});

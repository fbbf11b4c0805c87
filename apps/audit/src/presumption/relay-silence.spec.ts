import { expect, it } from 'vitest';
import { RelaySilence } from './relay-silence.js';

const LIMIT = 60_000;

/** Looks every two seconds for so long, and hears the relays that are there. */
function listen(silence: RelaySilence, from: number, seconds: number, present: readonly string[]): number {
  const until = from + seconds * 1000;
  for (let now = from; now <= until; now += 2000) {
    for (const relay of present) silence.heard(relay);
    silence.look(now);
  }
  return until;
}

it('finds the relays that said nothing for the time, and no other', () => {
  const silence = new RelaySilence();
  let now = listen(silence, 1000, 30, ['gone', 'here']);
  now = listen(silence, now, 56, ['here']);
  expect(silence.isSilent('gone', LIMIT)).toBe(false);
  listen(silence, now, 4, ['here']);
  expect(['gone', 'here', 'never heard'].map((relay) => silence.isSilent(relay, LIMIT))).toEqual([true, false, true]);
  silence.forgetSilent(LIMIT);
  expect(['gone', 'here'].map((relay) => silence.isSilent(relay, LIMIT))).toEqual([true, false]);
});

it('counts no time in which it could not hear: the bus away, a process that stood still, a new start', () => {
  const silence = new RelaySilence();
  expect(silence.isSilent('here', LIMIT)).toBe(false); // begun this moment: nobody has been silent yet
  let now = listen(silence, 0, 10, ['here']);
  for (let outage = 0; outage < 10; outage++) {
    silence.interrupt(); // an hour without the bus, in which the process looks on
    now = listen(silence, now + 3600_000, 4, []);
  }
  now = listen(silence, now + 3600_000, 4, []); // an hour in which the process did not run, and nobody said so
  expect(silence.isSilent('here', LIMIT)).toBe(false);
  listen(silence, now, 20, []);
  expect(silence.isSilent('here', LIMIT)).toBe(true);
});

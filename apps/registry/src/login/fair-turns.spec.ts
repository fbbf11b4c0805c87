import { ProblemError } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { FairTurns } from './fair-turns.js';
import { SignInTurns } from './sign-in-turns.js';

const LIMITS = { atOnce: 2, waitingOfOne: 5, waiting: 10 };

/** Work that notes its name and ends when it is told to. */
function workshop(limits = LIMITS) {
  const turns = new FairTurns(limits);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const outcomes = new Map<string, Promise<string | number | undefined>>();
  const ask = (key: string, name: string) => {
    const work = () => new Promise<string>((resolve) => (started.push(name), ends.set(name, () => resolve(name))));
    const outcome = turns.take(key, work).catch((error: unknown) => (error instanceof ProblemError ? error.problem.status : -1));
    outcomes.set(name, outcome);
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await outcomes.get(name);
    await Promise.resolve();
  };
  return { ask, end, started, outcomes };
}

it('takes keys in turn, so that a newcomer does not wait behind a flood', async () => {
  const { ask, end, started } = workshop();
  for (let i = 0; i < 6; i++) ask('flood', `f${i}`);
  ask('owner', 'o');
  expect(started).toEqual(['f0', 'f1']);
  await end('f0');
  await end('f1');
  expect(started).toEqual(['f0', 'f1', 'f2', 'o']);
});

it('refuses at once what one key asks for beyond its share, and does everything else', async () => {
  const { ask, end, started, outcomes } = workshop();
  for (let i = 0; i < 200; i++) ask('flood', `f${i}`);
  const refused = await Promise.all([...outcomes].filter(([name]) => Number(name.slice(1)) >= 7).map(([, outcome]) => outcome));
  expect(new Set(refused)).toEqual(new Set([429]));
  for (let i = 0; i < 7; i++) await end(`f${i}`);
  expect(started).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6']);
  ask('flood', 'later');
  expect(started).toContain('later');
});

it('makes room for a newcomer where all places are taken by a few', async () => {
  const { ask, started, outcomes, end } = workshop();
  for (const key of ['a', 'b', 'c']) for (let i = 0; i < 5; i++) ask(key, `${key}${i}`);
  ask('owner', 'o');
  expect(await Promise.race([outcomes.get('o'), Promise.resolve('waits')])).toBe('waits');
  for (let i = 0; i < 20 && !started.includes('o'); i++) await end(started[i] as string);
  expect(started).toContain('o');
});

it('checks three passwords of strangers at once at most, and refuses most of two hundred from one address', async () => {
  const turns = new SignInTurns();
  let running = 0;
  let most = 0;
  const check = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  const ask = (address: string) =>
    Array.from({ length: 200 }, () =>
      turns.take(address, false, check).then(
        () => 'done',
        () => 'refused',
      ),
    );
  turns.noteFailure('192.0.2.2');
  const [newcomer, failed] = await Promise.all([Promise.all(ask('192.0.2.1')), Promise.all(ask('192.0.2.2'))]);
  const refused = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === 'refused').length;
  expect([most, refused(newcomer), refused(failed)]).toEqual([3, 178, 179]);
});

it('keeps turns for addresses from which somebody has signed in, however many others ask', async () => {
  const turns = new SignInTurns();
  const never = () => new Promise<string>(() => undefined);
  for (let i = 0; i < 1000; i++) void turns.take(`2001:db8:0:${i.toString(16)}::/64`, false, never).catch(() => undefined);
  await expect(turns.take('192.0.2.1', false, () => Promise.resolve('in'))).rejects.toThrow('too many sign-ins at once');
  await expect(turns.take('192.0.2.1', true, () => Promise.resolve('in'))).resolves.toBe('in');
});

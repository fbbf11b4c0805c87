import { ProblemError } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';
import { SignInQueues } from './sign-in-queues.js';

const LIMITS = { concurrency: 2, waitingPerKey: 5, waiting: 10 };

/** A queue, and work that notes its name when it starts and ends when `end` is called. */
function workshop(limits = LIMITS) {
  const queue = new FairQueue(limits);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const outcomes = new Map<string, Promise<string | number | undefined>>();
  const ask = (key: string, name: string) => {
    const work = () => new Promise<string>((resolve) => (started.push(name), ends.set(name, () => resolve(name))));
    const outcome = queue.run(key, work).catch((error: unknown) => (error instanceof ProblemError ? error.problem.status : -1));
    outcomes.set(name, outcome);
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await outcomes.get(name);
    await Promise.resolve();
  };
  return { ask, end, started, outcomes };
}

it('serves keys round-robin, so that a newcomer does not wait behind a flood', async () => {
  const { ask, end, started } = workshop();
  for (let i = 0; i < 6; i++) ask('flood', `f${i}`);
  ask('owner', 'o');
  expect(started).toEqual(['f0', 'f1']);
  await end('f0');
  await end('f1');
  expect(started).toEqual(['f0', 'f1', 'f2', 'o']);
});

it('rejects work of one key beyond its limit at once, and runs everything else', async () => {
  const { ask, end, started, outcomes } = workshop();
  for (let i = 0; i < 200; i++) ask('flood', `f${i}`);
  const refused = await Promise.all([...outcomes].filter(([name]) => Number(name.slice(1)) >= 7).map(([, outcome]) => outcome));
  expect(new Set(refused)).toEqual(new Set([429]));
  for (let i = 0; i < 7; i++) await end(`f${i}`);
  expect(started).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6']);
  ask('flood', 'later');
  expect(started).toContain('later');
});

it('makes room for a newcomer when a few keys occupy the whole queue', async () => {
  const { ask, started, outcomes, end } = workshop();
  for (const key of ['a', 'b', 'c']) for (let i = 0; i < 5; i++) ask(key, `${key}${i}`);
  ask('owner', 'o');
  expect(await Promise.race([outcomes.get('o'), Promise.resolve('waits')])).toBe('waits');
  for (let i = 0; i < 20 && !started.includes('o'); i++) await end(started[i] as string);
  expect(started).toContain('o');
});

it('checks at most three passwords of unknown addresses at a time, and rejects most of two hundred from one address', async () => {
  const queues = new SignInQueues();
  let running = 0;
  let peak = 0;
  const check = async () => {
    peak = Math.max(peak, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  const ask = (address: string) =>
    Array.from({ length: 200 }, () =>
      queues.run(address, false, check).then(
        () => 'done',
        () => 'refused',
      ),
    );
  queues.noteFailure('192.0.2.2');
  const [newcomer, failed] = await Promise.all([Promise.all(ask('192.0.2.1')), Promise.all(ask('192.0.2.2'))]);
  const refused = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === 'refused').length;
  expect([peak, refused(newcomer), refused(failed)]).toEqual([3, 178, 179]);
});

it('serves addresses from which somebody has signed in, however many others are waiting', async () => {
  const queues = new SignInQueues();
  const never = () => new Promise<string>(() => undefined);
  for (let i = 0; i < 1000; i++) void queues.run(`2001:db8:0:${i.toString(16)}::/64`, false, never).catch(() => undefined);
  await expect(queues.run('192.0.2.1', false, () => Promise.resolve('in'))).rejects.toThrow('too many sign-ins at once');
  await expect(queues.run('192.0.2.1', true, () => Promise.resolve('in'))).resolves.toBe('in');
});

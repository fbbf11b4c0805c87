import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { LimitedLog } from './limited-log.js';

afterEach(() => vi.useRealTimers());

it('logs the first lines of a window, and the number of the rest when it ends', () => {
  vi.useFakeTimers();
  const lines: { msg: string; notLogged?: number }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  const limited = new LimitedLog(log, 3, 1000);
  for (let i = 0; i < 5000; i++) limited.info({}, 'refused');
  vi.advanceTimersByTime(1000);
  expect(lines.map(({ msg, notLogged }) => [msg, notLogged])).toEqual([
    ['refused', undefined],
    ['refused', undefined],
    ['refused', undefined],
    ['refused; more like this', 4997],
  ]);
  limited.info({}, 'refused');
  expect(lines.length).toBe(5);
});

it('logs the number of the rest at the level of the lines', () => {
  vi.useFakeTimers();
  const levels: number[] = [];
  const log = pino({}, { write: (line: string) => void levels.push((JSON.parse(line) as { level: number }).level) });
  const limited = new LimitedLog(log, 1, 1000);
  for (let i = 0; i < 3; i++) limited.error({}, 'failed');
  vi.advanceTimersByTime(1000);
  expect(levels).toEqual([50, 50]);
});

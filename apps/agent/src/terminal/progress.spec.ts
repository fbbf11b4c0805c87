import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Progress } from './progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const shown = (screen: PassThrough): string => String(screen.read() ?? '');

it('shows on a terminal what is being done once it takes more than a second, and clears the line for other output', () => {
  const screen = Object.assign(new PassThrough(), { isTTY: true });
  const progress = Progress.start('signing in', screen);
  vi.advanceTimersByTime(900);
  expect(shown(screen)).toBe('');
  vi.advanceTimersByTime(1200);
  expect(shown(screen)).toContain('signing in ... 2 s');
  progress.now('waiting for the relays');
  vi.advanceTimersByTime(250);
  expect(shown(screen)).toContain('waiting for the relays');
  progress.pause();
  expect(shown(screen)).toBe('\r\u001b[2K');
  vi.advanceTimersByTime(5000);
  expect(shown(screen)).toBe('');
});

it('shows nothing without a terminal', () => {
  const screen = new PassThrough();
  Progress.start('signing in', screen);
  vi.advanceTimersByTime(10_000);
  expect(shown(screen)).toBe('');
});

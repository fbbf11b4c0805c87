import { ConfigError } from '@sluice/process';
import { expect, it } from 'vitest';
import { readArguments, USAGE } from './read-arguments.js';

it('knows what it may be called with, and rejects anything else with how it is used', () => {
  expect(readArguments([])).toEqual({ test: false, help: false });
  expect(readArguments(['--test'])).toEqual({ test: true, help: false });
  expect(readArguments(['-h'])).toMatchObject({ help: true });
  for (const args of [['--tests'], ['test'], ['--test=x']]) {
    expect(() => readArguments(args)).toThrow(ConfigError);
    expect(() => readArguments(args)).toThrow(USAGE);
  }
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { busCredentials } from './bus-credentials.js';
import { configuration, fileContent, list, milliseconds } from './configuration.js';
import { ConfigError } from './read-environment.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

class Config extends configuration(
  {
    servers: ['SERVERS', list],
    waitMs: ['WAIT_SECONDS', z.coerce.number().min(1).default(5).transform(milliseconds)],
    seed: ['SEED_FILE', fileContent.optional()],
    bus: ['BUS_FILE', busCredentials.optional()],
  },
  [{ variable: 'WAIT_SECONDS', message: 'is too long for one server', holds: (v) => v.servers.length > 1 || v.waitMs < 60_000 }],
) {
  readonly first = this.servers[0];
}

const problemsOf = (env: Record<string, string>): string => {
  try {
    new Config(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error('it was accepted');
};

it('has each setting by its name, with its default, and the contents of a file', () => {
  const config = new Config({ SERVERS: 'a,b', WAIT_SECONDS: '', SEED_FILE: file('seed', ' x \n'), OTHER: 'y' });
  expect({ ...config }).toEqual({ servers: ['a', 'b'], waitMs: 5000, seed: 'x', bus: undefined, first: 'a' });
  const bus = { jwt: 'j', seed: 's' };
  expect(new Config({ SERVERS: 'a', BUS_FILE: file('bus', JSON.stringify(bus)) }).bus).toEqual(bus);
});

it.each([
  ['1.001', 1001], // a thousand times that is not a whole number
  ['2.0004', 2000],
])('has a time of %s s in whole milliseconds', (seconds, expected) => {
  expect(new Config({ SERVERS: 'a', WAIT_SECONDS: seconds }).waitMs).toBe(expected);
});

it('names every problem, also a rule that several settings break together', () => {
  const problems = problemsOf({ WAIT_SECONDS: '0', SEED_FILE: path.join(folder, 'gone'), BUS_FILE: file('other', '{') });
  expect(problems.split('\n').slice(1)).toEqual([
    '  SERVERS: is not set',
    expect.stringMatching(/^ {2}WAIT_SECONDS: Too small.* \(it is "0"\)$/),
    expect.stringMatching(/^ {2}SEED_FILE: cannot be read: ENOENT/),
    expect.stringMatching(/^ {2}BUS_FILE: names a file that contains no bus user/),
  ]);
  expect(problemsOf({ SERVERS: 'a', WAIT_SECONDS: '60' })).toContain('WAIT_SECONDS: is too long for one server (it is "60")');
});

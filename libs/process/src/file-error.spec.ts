import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fileError } from './file-error.js';

it.each([
  ['/nowhere/at-all', 'it does not exist'],
  ['/etc/passwd/x', 'a part of its path is not a folder'],
  ['/', 'it is a folder'],
  ['\0', expect.stringContaining('must be a string')],
])('says why %j cannot be read', (file, why) => {
  let thrown: unknown;
  try {
    readFileSync(file);
  } catch (error) {
    thrown = error;
  }
  expect(fileError(thrown)).toEqual(why);
});

import { expect, it } from 'vitest';
import { shellWord } from './shell-word.js';

it('quotes what a shell would split or run', () => {
  expect(['my-db', 'my db', `it's`, '$(reboot)', 'a;b'].map(shellWord)).toEqual([
    'my-db',
    `'my db'`,
    `'it'\\''s'`,
    `'$(reboot)'`,
    `'a;b'`,
  ]);
});

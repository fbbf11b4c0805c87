import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RELEASE } from './release.js';

it('is the version of the packages', () => {
  const root = new URL('../../../', import.meta.url);
  for (const file of ['package.json', 'apps/agent/package.json', 'libs/contracts/package.json'])
    expect([file, JSON.parse(readFileSync(new URL(file, root), 'utf8'))]).toMatchObject([file, { version: RELEASE }]);
});

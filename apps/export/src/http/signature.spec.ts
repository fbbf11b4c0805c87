import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { signatureOf } from './signature.js';

/** The function that docs/siem.md has for receivers. */
let isFromSluice: (header: string, body: string, key: string) => boolean;
beforeAll(async () => {
  const text = readFileSync(path.join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'siem.md'), 'utf8');
  const [, program = ''] = /```js\n([^`]*function isFromSluice[^]*?)```/.exec(text) ?? [];
  const module = (await import(`data:text/javascript,${encodeURIComponent(`${program}\nexport { isFromSluice };`)}`)) as object;
  ({ isFromSluice } = module as { isFromSluice: typeof isFromSluice });
});

const KEY = 'a key of some length';
const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

it('has the time in seconds and a hash', () => {
  expect(signatureOf(KEY, '{"events":[]}', new Date('2026-11-27T09:00:00.900Z'))).toMatch(/^t=1795770000,v1=[0-9a-f]{64}$/);
});

it('is verified as the documentation says, and neither with another body, key or time', () => {
  const header = signatureOf(KEY, '{"events":[]}', new Date());
  expect(isFromSluice(header, '{"events":[]}', KEY)).toBe(true);
  expect(isFromSluice(header, '{"events":[1]}', KEY)).toBe(false);
  expect(isFromSluice(header, '{"events":[]}', 'another key')).toBe(false);
  expect(
    isFromSluice(
      header.replace(/^t=(\d+)/, (_, time) => `t=${Number(time) + 1}`),
      '{"events":[]}',
      KEY,
    ),
  ).toBe(false);
  for (const malformed of ['', 't=1,v1=00', header.slice(0, -1)])
    expect(isFromSluice(malformed, '{"events":[]}', KEY)).toBe(false);
  expect(isFromSluice(signatureOf(KEY, 'x', ago(290)), 'x', KEY)).toBe(true);
  expect(isFromSluice(signatureOf(KEY, 'x', ago(310)), 'x', KEY)).toBe(false);
  expect(isFromSluice(signatureOf(KEY, 'x', ago(-310)), 'x', KEY)).toBe(false);
});

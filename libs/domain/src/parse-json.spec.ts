import { expect, it } from 'vitest';
import { parseJson } from './parse-json.js';

it('reads JSON', () => expect(parseJson('{"a":[null,1]}')).toEqual({ a: [null, 1] }));

it('returns undefined for what is not JSON', () => {
  for (const text of ['', '{', 'undefined', '{}x', '\u0000']) expect(parseJson(text)).toBeUndefined();
});

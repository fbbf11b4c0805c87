import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

it('gives the same text for objects whose keys are in another order, at any depth, and keeps the order of lists', () => {
  expect(canonicalJson({ b: [{ y: 1, x: null }], a: 'z' })).toBe(canonicalJson({ a: 'z', b: [{ x: null, y: 1 }] }));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  expect(canonicalJson({ a: undefined })).toBe(canonicalJson({}));
  expect(canonicalJson(undefined)).not.toBe(canonicalJson(null));
  expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
});

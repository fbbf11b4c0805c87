import { expect, it } from 'vitest';
import { parseNodeName } from './node-name.js';

it.each(['relay-2', 'R', 'eu_west.1', '9', 'a'.repeat(60)])('accepts %s', (name) => {
  expect(parseNodeName(name)).toEqual({ ok: true, value: name });
});

it.each(['', '..', '.hidden', '-x', 'a b', 'a/b', 'a\nb', 'relé', 'a'.repeat(61)])('rejects %j', (name) => {
  expect(parseNodeName(name)).toMatchObject({ ok: false, refusal: { code: 'node_name_invalid', field: 'name', value: name } });
});

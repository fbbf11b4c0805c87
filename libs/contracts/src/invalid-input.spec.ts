import { expect, it } from 'vitest';
import { z } from 'zod';
import { OPERATIONS } from './http/operations.js';
import { listServers } from './http/servers.js';
import { invalidInput } from './invalid-input.js';
import { Id, Moment, PageQuery, QueryBoolean } from './operation.js';

const Schema = PageQuery.extend({
  id: Id,
  name: z.string().max(3),
  role: z.enum(['a', 'b']),
  port: z.number(),
  version: z.int().min(1),
  at: Moment,
  live: QueryBoolean,
  zones: z.array(z.string()).max(1),
  own: z.object({ seconds: z.number() }).strict(),
})
  .partial()
  .strict();

const refusal = (schema: z.ZodObject, given: Record<string, unknown>) => {
  const { error } = schema.safeParse(given);
  const { title, field, value } = invalidInput(error as z.ZodError, given).problem;
  return [title, field, value];
};

it.each<[Record<string, unknown>, string, string | undefined, string | undefined]>([
  [{ id: 'x' }, 'id is a UUID', 'id', 'x'],
  [{ port: '5432' }, 'port is a number', 'port', '5432'],
  [{ version: 1.5 }, 'version is a whole number', 'version', '1.5'],
  [{ version: 0 }, 'version is at least 1', 'version', '0'],
  [{ limit: 'many' }, 'limit is a number', 'limit', 'many'],
  [{ limit: '501' }, 'limit is at most 500', 'limit', '501'],
  [{ role: 'c' }, 'role is one of a, b', 'role', 'c'],
  [{ at: 'soon' }, 'at is a time in ISO 8601, such as 2026-01-31T12:00:00Z', 'at', 'soon'],
  [{ at: '0000-12-31T23:59:59-05:00' }, 'at is a time of the years 1 to 9999', 'at', '0000-12-31T23:59:59-05:00'],
  [{ at: '2026-01-31T12:00:00+16:00' }, 'at is a time of the years 1 to 9999', 'at', '2026-01-31T12:00:00+16:00'],
  [{ live: 'maybe' }, 'live is true or false', 'live', 'maybe'],
  [{ zones: ['a', 'b'] }, 'zones has at most 1 entry', 'zones', undefined],
  [{ own: { minutes: 1, seconds: 1 } }, 'there is no field "minutes" in own', 'own', undefined],
  [{ own: {} }, 'own.seconds is missing', 'own.seconds', undefined],
  [{ colour: 'red' }, 'there is no field "colour"', undefined, undefined],
])('says of %j that %s', (given, title, field, value) => expect(refusal(Schema, given)).toEqual([title, field, value]));

it.each([
  ['env=prod', undefined],
  [['env=prod', 'team'], undefined],
  ['=prod', '=prod'],
  [['env', 'a b=c'], 'env a b=c'],
])('explains the format of the tag filter for %j', (tag, value) => {
  if (value === undefined) expect(listServers.input.safeParse({ tag }).success).toBe(true);
  else expect(refusal(listServers.input, { tag })).toEqual(['tag is key=value, or a key alone', 'tag', value]);
});

it('does not repeat a text that may be a secret', () => {
  expect(refusal(Schema, { name: 'secret' })).toEqual(['name has at most 3 characters', 'name', undefined]);
  expect(refusal(Schema, { name: 12345 })).toEqual(['name is text', 'name', undefined]);
});

it.each(OPERATIONS.map((operation): [string, z.ZodObject] => [operation.id, operation.input]))(
  'explains every mistake that %s can receive',
  (_, input) => {
    for (const wrong of [
      {},
      { unheard: 1 },
      ...Object.keys(input.shape).flatMap((key) => [true, 'x'.repeat(9000), -1.5, [], {}].map((value) => ({ [key]: value }))),
    ]) {
      const { error } = input.safeParse(wrong);
      if (error)
        expect(invalidInput(error, wrong).problem.title).not.toMatch(/invalid input|expected|too big|too small|is not valid/i);
    }
  },
);

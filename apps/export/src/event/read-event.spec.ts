import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventLine, readEvent } from './read-event.js';

const STORED = new Date('2026-11-27T09:00:01.000Z');
const read = (data: string | Uint8Array, subject = 'audit.v1.session.closed.default.node.resource') =>
  readEvent({ seq: 42, subject, time: STORED, data: Buffer.from(data) }, 'AUDIT');

it('takes id, type and time from the CloudEvent, and leaves its bytes as they are', () => {
  const published =
    '{"specversion":"1.0","id":"a-1","type":"sluice.session.closed.v1","time":"2026-11-27T09:00:00.000Z","data":{"x":1}}';
  const event = read(published);
  expect(event).toMatchObject({ number: 42, id: 'a-1', type: 'sluice.session.closed.v1', storedAt: STORED, json: published });
  expect(event.time.toISOString()).toBe('2026-11-27T09:00:00.000Z');
  expect(eventLine(event)).toBe(`{"number":42,"subject":"audit.v1.session.closed.default.node.resource","event":${published}}`);
});

it('takes them from an OCSF event', () => {
  const ocsf = read('{"time":1764234000000,"metadata":{"uid":"c-3"}}', 'siem.v1.ocsf.network_activity.close');
  expect(ocsf).toMatchObject({ id: 'c-3', type: 'ocsf.network_activity.close', time: new Date(1764234000000) });
});

it('has an id, a type and a time for whatever else was published', () => {
  for (const data of [
    '',
    'no json',
    '[1]',
    'null',
    '"text"',
    '{"id":"a b","type":7,"time":"soon"}',
    '{"id":"\\u0000","time":1e300}',
  ])
    expect(read(data)).toMatchObject({ id: 'AUDIT-42', type: 'session.closed', time: STORED });
  expect(read('{}', 'odd').type).toBe('unknown');
  expect(read(new Uint8Array([0xff, 0xfe, 0x00])).json).toBe('"\ufffd\ufffd\\ufffd"');
});

it('is a text if no service of Sluice writes such, so that no reader fails on it', () => {
  const deep = `{"data":${'['.repeat(50)}${']'.repeat(50)}}`;
  for (const published of ['{"a":1,"a":2}', '{"a":1e999}', '{ "a":1}', '\uFEFF{"a":1}', deep]) {
    const event = read(published);
    expect(JSON.parse(event.json)).toBe(published);
    expect(event.fields).toEqual({});
  }
  expect(read('{"a":"\ud83d\ude00 {[","id":"x"}')).toMatchObject({
    json: '{"a":"\ud83d\ude00 {[","id":"x"}',
    fields: { id: 'x' },
  });
});

it('has no character that many stores do not accept', () => {
  const text = 'a\u0000b\ud800c\\u0000\ud83d\ude00';
  expect(JSON.parse(read(JSON.stringify({ text })).json)).toEqual({ text: 'a\ufffdb\ufffdc\\u0000\ud83d\ude00' });
});

it('is one line of JSON, whatever was published', () => {
  const deep = `${'['.repeat(20_000)}\n${']'.repeat(20_000)}`;
  const given = fc.oneof(
    fc.json().map((text) => text.replaceAll(',', ',\n')),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify({ text, id: text, type: text })),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.constantFrom(deep, '{"a":"\u2028\u2029\u0085"}', '{"a":1}\r\n{"number":1}'),
  );
  fc.assert(
    fc.property(given, fc.string({ unit: 'binary', maxLength: 50 }), (data, subject) => {
      const event = read(data, subject);
      const line = eventLine(event);
      expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
      expect(() => JSON.parse(line)).not.toThrow();
      expect(event.id).toMatch(/^[\x21-\x7e]{1,200}$/);
      expect(event.type).toMatch(/^[\x21-\x7e]{1,200}$/);
    }),
    { seed: Number(process.env['SLUICE_FUZZ_SEED']), numRuns: Number(process.env['SLUICE_FUZZ_RUNS'] ?? 300) },
  );
});

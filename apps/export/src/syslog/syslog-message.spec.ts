import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvent } from '../event/read-event.js';
import { framed, syslogMessage, type SyslogOptions } from './syslog-message.js';

const OPTIONS: SyslogOptions = { format: 'json', facility: 13, hostname: 'export-1', maxBytes: 8192 };
const NUMBER = 42;
const eventOf = (data: unknown, subject = 'audit.v1.session.refused.default.node.resource', id: unknown = 'a-1') =>
  readEvent(
    {
      seq: NUMBER,
      subject,
      time: new Date('2026-11-27T09:00:01Z'),
      data: Buffer.from(JSON.stringify({ id, type: 'sluice.session.refused.v1', time: '2026-11-27T09:00:00Z', data })),
    },
    'AUDIT',
  );
const textOf = (event: ReturnType<typeof eventOf>, options: Partial<SyslogOptions> = {}) =>
  syslogMessage(event, { ...OPTIONS, ...options }).bytes.toString();

/** The pairs of a CEF extension, as a parser that follows the specification reads them. */
function extensionOf(cef: string): Map<string, string> {
  const fields: string[] = [];
  let rest = cef;
  for (let i = 0; i < 7; i++) {
    const [whole = '', field = ''] = /^((?:\\[\\|]|[^\\|])*)\|/.exec(rest) ?? [];
    fields.push(field);
    rest = rest.slice(whole.length);
  }
  expect(fields.slice(0, 3)).toEqual(['CEF:0', 'Sluice', 'Sluice']);
  const pairs = new Map<string, string>();
  const marks = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  marks.forEach((mark, at) => {
    const value = rest.slice(mark.index + mark[0].length, marks[at + 1]?.index);
    expect(value).not.toMatch(/(^|[^\\])(\\\\)*=/);
    pairs.set(
      mark[1] ?? '',
      value.replace(/\\([\\=nr])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === 'r' ? '\r' : sign)),
    );
  });
  return pairs;
}

describe('a syslog message', () => {
  it('has the header and the structured data of RFC 5424, and the event as it was published', () => {
    const event = eventOf({ message: 'no grant' });
    expect(textOf(event)).toBe(
      '<108>1 2026-11-27T09:00:00.000Z export-1 sluice - session.refused ' +
        `[sluice@32473 number="42" id="a-1" subject="audit.v1.session.refused.default.node.resource"] ${event.json}`,
    );
    expect(framed(Buffer.from('abc')).toString()).toBe('3 abc');
  });

  it('quotes what a publisher chose, and lets nothing out of its field', () => {
    const subject = 'audit.v1.session.refused.default.node."] x=\\"\n<0>1 -';
    expect(textOf(eventOf({}, subject))).toContain('subject="audit.v1.session.refused.default.node.\\"\\] x=\\\\\\"<0>1 -"] {');
    expect(textOf(eventOf({}), { hostname: 'a b\n\u00e9c' })).toContain(' abc sluice ');
    expect(textOf(eventOf({}), { hostname: '\u00e9' })).toContain('Z - sluice ');
  });

  it('is sent without the content if it would be too long, and says so', () => {
    const event = eventOf({ message: '\u{1f980}'.repeat(5000) });
    const { bytes, shortened } = syslogMessage(event, OPTIONS);
    expect([shortened, bytes.length < 8192]).toEqual([true, true]);
    expect(bytes.toString()).toMatch(/"\] \{"id":"a-1","type":"sluice.session.refused.v1","time":"[^"]+","shortened":true\}$/);
    const cef = syslogMessage(event, { ...OPTIONS, format: 'cef', maxBytes: 600 });
    expect([cef.shortened, extensionOf(cef.bytes.toString().split('"] ')[1] ?? '').get('externalId')]).toEqual([true, 'a-1']);
  });
});

describe('an event in CEF', () => {
  const cefOf = (data: unknown) => textOf(eventOf(data), { format: 'cef', maxBytes: 1024 * 1024 }).split('"] ')[1] ?? '';

  it('has what CEF has a name for', () => {
    const begin = { account: { id: 'u1', email: 'ada@example.com' }, clientAddress: '[2001:db8::1]:4711', sessionId: 's1' };
    const cef = cefOf({
      ...begin,
      dialledAddress: '10.0.0.1:5432',
      resource: { name: 'my-db', endpoint: 'db.internal:5432' },
      startedAt: '2026-11-27T09:00:00Z',
    });
    expect(cef).toMatch(/^CEF:0\|Sluice\|Sluice\|[\d.]+\|sluice\.session\.refused\.v1\|session refused\|6\|rt=1795770000000 /);
    expect(Object.fromEntries(extensionOf(cef))).toMatchObject({
      ...{
        suser: 'ada@example.com',
        suid: 'u1',
        src: '2001:db8::1',
        spt: '4711',
        dst: '10.0.0.1',
        dpt: '5432',
        dhost: 'db.internal:5432',
      },
      ...{ cs1: 'my-db', cs1Label: 'name', cs2: 's1', cn1: '42', externalId: 'a-1', start: '1795770000000' },
    });
  });

  it('is one line whose values are what they were, whatever was chosen', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 2000 }),
      fc.constantFrom('a|b\\c=d\r\nCEF:0|x', ' suser=root', '\\', '\\=', '\u0000', '\u{1f980}'.repeat(1500), 'x'.repeat(100_000)),
    );
    fc.assert(
      fc.property(hostile, hostile, (email, name) => {
        const message = textOf(eventOf({ account: { email }, resource: { name } }), { format: 'cef', maxBytes: 1024 * 1024 });
        expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        const pairs = extensionOf(message.split('"] ')[1] ?? '');
        const plain = (text: string) => text.replace(/\r\n|[\n\r\u0085\u2028\u2029]/g, '\n').replace(/[^\P{Cc}\n]|\p{Cs}/gu, ' ');
        const expected = plain([...email.replace(/[\0\p{Cs}]/gu, '\ufffd')].slice(0, 1000).join(''));
        expect(pairs.get('suser') ?? '').toBe(expected);
        expect([...(pairs.get('cs1') ?? '')].length).toBeLessThanOrEqual(1001);
      }),
      { seed: Number(process.env['SLUICE_FUZZ_SEED']), numRuns: Number(process.env['SLUICE_FUZZ_RUNS'] ?? 200) },
    );
  });
});

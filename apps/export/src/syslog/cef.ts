import { RELEASE } from '@sluice/domain';
import type { AuditEvent } from '../event/audit-event.js';
import { kindOf, SEVERITIES, severityOf } from '../event/event-kind.js';
import { cut, type KnownValue, valueOf } from '../event/known-values.js';

/** The longest value of an extension, in characters. */
const MAX_VALUE = 1000;
/** The longest header field, in characters. */
const MAX_HEADER = 200;

/** Extensions, and what they have. */
const EXTENSIONS: readonly (readonly [key: string, value: KnownValue, label?: string])[] = [
  ['suser', 'email'],
  ['suid', 'account'],
  ['src', 'client'],
  ['spt', 'clientPort'],
  ['dst', 'dialled'],
  ['dhost', 'host'],
  ['dpt', 'port'],
  ['act', 'verb'],
  ['outcome', 'outcome'],
  ['msg', 'message'],
  ['out', 'bytesUp'],
  ['in', 'bytesDown'],
  ['start', 'start'],
  ['end', 'end'],
  ['cs1', 'name', 'name'],
  ['cs2', 'session', 'session'],
  ['cs3', 'relay', 'relay'],
  ['cs4', 'rule', 'rule'],
];
/** Extensions that are addresses. An event has some of them with a port, which has its own extension. */
const ADDRESSES: Readonly<Record<string, string>> = { src: 'spt', dst: 'dpt' };
/** Extensions that are times, which CEF reads as milliseconds. */
const TIMES: readonly string[] = ['start', 'end'];

/**
 * An event in the Common Event Format. What an event does not have is left out, so events of any form can be written.
 *
 *   CEF:0|Sluice|Sluice|0.1.0|sluice.session.closed.v1|session closed|2|rt=1764234000000 externalId=... cs1Label=name cs1=my-db
 */
export function cefOf(event: AuditEvent): string {
  const { type, time, id, number, subject, fields } = event;
  const name = kindOf(subject).replaceAll('.', ' ') || type;
  const header = ['Sluice', 'Sluice', RELEASE, type, name, String(SEVERITIES[severityOf(event)].cef)];
  const extensions = new Map<string, string>([
    ['rt', String(time.getTime())],
    ['externalId', id],
    ['cat', subject],
    ['cn1Label', 'number'],
    ['cn1', String(number)],
  ]);
  for (const [key, known, label] of EXTENSIONS) {
    const value = valueOf(fields, known);
    if (value === undefined) continue;
    if (label !== undefined) extensions.set(`${key}Label`, label);
    for (const [own, text] of written(key, value)) if (!extensions.has(own)) extensions.set(own, text);
  }
  const pairs = [...extensions].map(([key, value]) => `${key}=${extensionText(value)}`).join(' ');
  return `CEF:0|${header.map(headerText).join('|')}|${pairs}`;
}

/** Header fields: backslashes and pipes are escaped, and there are no line breaks. */
const headerText = (text: string): string => cut(visible(text), MAX_HEADER).replace(/[\\|]/g, '\\$&');

/** Values of extensions: backslashes and equals signs are escaped, and line breaks are written as `\n`. */
const extensionText = (text: string): string =>
  cut(text, MAX_VALUE)
    .split(/\r\n|[\n\r\u0085\u2028\u2029]/)
    .map((line) => visible(line).replace(/[\\=]/g, '\\$&'))
    .join('\\n');

/** Text without control characters, lone surrogates and what Unicode calls a line break, each as a space. */
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');

/** A value as its extension has it: an address without its port, a time in milliseconds. */
function written(key: string, value: string): [string, string][] {
  const port = ADDRESSES[key];
  const [, v6, v4, at] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
  if (port !== undefined && at !== undefined)
    return [
      [key, v6 ?? v4 ?? ''],
      [port, at],
    ];
  if (TIMES.includes(key) && !/^\d+$/.test(value)) {
    const ms = Date.parse(value);
    return Number.isNaN(ms) ? [] : [[key, String(ms)]];
  }
  return [[key, value]];
}

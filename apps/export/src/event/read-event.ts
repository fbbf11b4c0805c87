import { isUtf8 } from 'node:buffer';
import { parseJson } from '@sluice/domain';
import type { AuditEvent } from './audit-event.js';
import { kindOf } from './event-kind.js';

/** An event as a NATS client receives it. */
export interface ReceivedEvent {
  readonly seq: number;
  readonly subject: string;
  /** When it was stored. */
  readonly time: Date;
  readonly data: Uint8Array;
}

/** What every destination accepts as an id or a type. */
const PLAIN = /^[\x21-\x7e]{1,200}$/;
/** No fact is nested more deeply. */
const MAX_DEPTH = 32;
/** The first time that is later than the year 9999, which many readers do not accept. */
const TOO_LATE = Date.UTC(10_000, 0);

/**
 * Reads a message as an event. Id, type and time are those of the CloudEvent, as long as every destination accepts them; an OCSF event
 * has its id in its metadata. Only the body counts, because the hash of a chain covers nothing else. Any content is an event: what no
 * service of Sluice writes is exported as a JSON text.
 * @param stream name of the stream, which makes the id of an event that has none
 */
export function readEvent({ seq, subject, time: storedAt, data }: ReceivedEvent, stream: string): AuditEvent {
  const text = new TextDecoder('utf8', { ignoreBOM: true }).decode(data);
  const value = isUtf8(data) ? parseJson(text) : undefined;
  const json = oneLine(text, value);
  const fields = isObject(value) ? value : {};
  return {
    number: seq,
    subject,
    id:
      plainOf(fields['id']) ??
      plainOf(isObject(fields['metadata']) ? fields['metadata']['uid'] : undefined) ??
      `${stream}-${seq}`,
    type: plainOf(fields['type']) ?? plainOf(kindOf(subject)) ?? 'unknown',
    time: timeOf(fields['time']) ?? storedAt,
    storedAt,
    json,
    get fields() {
      const parsed = parseJson(json); // anew each time: parsed, an event takes many times the memory
      return isObject(parsed) ? parsed : {};
    },
  };
}

/** How each line of `eventLine` begins. */
export const LINE_START = '{"number":';

/** An event as a line of NDJSON with its number and its subject, without the line break. */
export const eventLine = ({ number, subject, json }: AuditEvent): string =>
  `${LINE_START}${number},"subject":${escapeBreaks(JSON.stringify(subject))},"event":${json}}`;

/**
 * An event as JSON that every reader accepts: the bytes that were published if a service of Sluice can have written them, and otherwise
 * a text that has them. A compromised relay could publish what a receiver fails on, and would stop an export with it:
 * values that are nested deeply, keys that occur twice, numbers without bounds.
 * @param value the text, parsed; undefined if it is not JSON
 */
function oneLine(text: string, value: unknown): string {
  const isOwn = value !== undefined && depthOf(text) <= MAX_DEPTH && JSON.stringify(value) === text;
  return escapeBreaks(replaceOdd(isOwn ? text : JSON.stringify(text)));
}

/** How deeply JSON is nested, at most: brackets within its texts count too. */
function depthOf(text: string): number {
  let [depth, most] = [0, 0];
  for (const [sign] of text.matchAll(/[[\]{}]/g)) {
    depth += sign === '[' || sign === '{' ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

/** Replaces what many stores do not accept in a text by U+FFFD: U+0000 and halves of a character. `JSON.stringify` writes both as escapes. */
const replaceOdd = (json: string): string =>
  json.replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape, what: string) =>
    /^u[0d]/.test(what) && what.length > 1 ? '\\ufffd' : escape,
  );

/** Escapes what Unicode calls a line break. In JSON it can only be part of a text, which keeps its meaning. */
const escapeBreaks = (json: string): string =>
  json.replace(/[\u0085\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const plainOf = (value: unknown): string | undefined => (typeof value === 'string' && PLAIN.test(value) ? value : undefined);

/** A time as CloudEvents write it, or in milliseconds as OCSF does. */
function timeOf(value: unknown): Date | undefined {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN;
  return ms >= 0 && ms < TOO_LATE ? new Date(ms) : undefined;
}

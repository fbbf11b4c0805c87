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
/** The first time that is later than the year 9999, which many readers do not accept. */
const TOO_LATE = Date.UTC(10_000, 0);

/**
 * Reads a message as an event. Id, type and time are those of the CloudEvent, as long as every destination accepts them; an OCSF event
 * has its id in its metadata. Only the body counts, because the hash of a chain covers nothing else. Any content is an event: what is
 * not JSON is exported as a JSON text.
 * @param stream name of the stream, which makes the id of an event that has none
 */
export function readEvent({ seq, subject, time: storedAt, data }: ReceivedEvent, stream: string): AuditEvent {
  const text = new TextDecoder().decode(data);
  const value = parseJson(text);
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
    json: oneLine(text, value),
    fields,
  };
}

/** An event as a line of NDJSON with its number and its subject, without the line break. */
export const eventLine = ({ number, subject, json }: AuditEvent): string =>
  `{"number":${number},"subject":${escapeBreaks(JSON.stringify(subject))},"event":${json}}`;

/** JSON without anything that a reader of lines could take for the end of a line. @param value the text, parsed; undefined if it is not JSON */
function oneLine(text: string, value: unknown): string {
  if (value !== undefined && !/[\n\r]/.test(text)) return escapeBreaks(text);
  return escapeBreaks(written(value) ?? JSON.stringify(text));
}

/** A value as JSON; undefined if there is none, or if it is nested too deeply to be written. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

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

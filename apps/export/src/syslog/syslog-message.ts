import type { AuditEvent } from '../event/audit-event.js';
import { kindOf, SEVERITIES, severityOf } from '../event/event-kind.js';
import { cefOf } from './cef.js';

/** How events are written in syslog messages. */
export const SYSLOG_FORMATS = ['json', 'cef'] as const;

/** What all syslog messages of a process have in common. */
export interface SyslogOptions {
  readonly format: (typeof SYSLOG_FORMATS)[number];
  /** 0 to 23; 13 is "log audit". */
  readonly facility: number;
  /** Who says that it sends the messages. */
  readonly hostname: string;
  /** Bytes of the longest message: most receivers cut longer ones. */
  readonly maxBytes: number;
}

/** Names our structured data. RFC 5612 reserves this enterprise number for whoever has none of their own. */
const STRUCTURED_DATA_ID = 'sluice@32473';
/** The lengths that RFC 5424 allows. */
const MAX_HOSTNAME = 255;
const MAX_MESSAGE_ID = 32;

/**
 * An event as a message of RFC 5424, in which everything that somebody chose is within a JSON or CEF text, or quoted. An event whose
 * message would be too long is sent without its content, and says so.
 * @returns the message, and whether it was shortened
 */
export function syslogMessage(event: AuditEvent, options: SyslogOptions): { bytes: Buffer; shortened: boolean } {
  const header = headerOf(event, options);
  const bytes = Buffer.from(`${header} ${options.format === 'cef' ? cefOf(event) : event.json}`);
  if (bytes.length <= options.maxBytes) return { bytes, shortened: false };
  const { id, type, time } = event;
  const short = JSON.stringify({ id, type, time: time.toISOString(), shortened: true });
  const rest = Buffer.from(`${header} ${options.format === 'cef' ? cefOf({ ...event, fields: {} }) : short}`);
  return { bytes: rest, shortened: true };
}

/** A message with its length in front: octet counting of RFC 6587, in which nothing within the message can be taken for its end. */
export const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message]);

function headerOf(event: AuditEvent, { facility, hostname }: SyslogOptions): string {
  const priority = facility * 8 + SEVERITIES[severityOf(event)].syslog;
  const host = printable(hostname).slice(0, MAX_HOSTNAME) || '-';
  const kind = printable(kindOf(event.subject)).slice(0, MAX_MESSAGE_ID) || '-';
  const data = `[${STRUCTURED_DATA_ID} number="${event.number}" id="${quoted(event.id)}" subject="${quoted(event.subject)}"]`;
  return `<${priority}>1 ${event.time.toISOString()} ${host} sluice - ${kind} ${data}`;
}

/** Printable ASCII without spaces, as the fields of the header are. */
const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, '');

/** The value of a parameter of structured data: quotes, backslashes and closing brackets are escaped, control characters removed. */
const quoted = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '').replace(/["\\\]]/g, '\\$&');

import { ALL_FACTS } from '@sluice/contracts';
import type { AuditEvent } from './audit-event.js';

/** Nouns whose subjects have two more words that say what kind of event it is: what was done to which object. */
const LONG_KINDS = ['activity', 'ocsf'];

/** What kind of event a subject names: `session.closed`, `activity.server.added`. Empty for a subject that is none of Sluice's. */
export function kindOf(subject: string): string {
  const [, , noun = '', ...rest] = subject.split('.', 5);
  return [noun, ...rest.slice(0, LONG_KINDS.includes(noun) ? 2 : 1)].join('.');
}

/** Severities of syslog (RFC 5424), and how bad CEF calls the same. */
export const SEVERITIES = {
  critical: { syslog: 2, cef: 9 },
  warning: { syslog: 4, cef: 6 },
  notice: { syslog: 5, cef: 4 },
  informational: { syslog: 6, cef: 2 },
} as const;
/** How urgent an event is. */
type Severity = keyof typeof SEVERITIES;

const WARNINGS = [
  'session.refused',
  'attempt.unanswered',
  'activity.call.denied',
  'activity.login.failed',
  'activity.login.limited',
];
const NOTICES = ['activity', 'health'];
/** How the subjects of facts begin. */
const FACTS = ALL_FACTS.slice(0, -1);
/** What OCSF calls `severity_id`, from 1. */
const OCSF_SEVERITIES: readonly Severity[] = ['informational', 'notice', 'warning', 'critical', 'critical', 'critical'];

/**
 * How urgent an event is. An OCSF event says so itself; of any other its kind decides: that something is wrong with the
 * evidence is critical, that somebody was denied something is a warning, and what administrators change or what failed is a notice.
 */
export function severityOf({ subject, fields }: Pick<AuditEvent, 'subject' | 'fields'>): Severity {
  if (!subject.startsWith(FACTS)) return OCSF_SEVERITIES[Number(fields['severity_id']) - 1] ?? 'informational';
  const kind = kindOf(subject);
  const [noun = ''] = kind.split('.', 1);
  if (noun === 'integrity') return 'critical';
  if (WARNINGS.includes(kind)) return 'warning';
  return NOTICES.includes(noun) || kind === 'session.failed' ? 'notice' : 'informational';
}

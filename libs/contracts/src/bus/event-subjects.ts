import { accept, type Outcome, refuse } from '@sluice/domain';
import { ALL_FACTS } from './subjects.js';

/** Kinds of audit event: the third word of their subjects. */
const KINDS = ['session', 'relay', 'activity', 'attempt', 'service', 'integrity', 'health'];
/** Patterns of one reader; NATS compares each event with every one of them. */
const MAX_PATTERNS = 20;
const WORD = /^(\*|[\w-]{1,100})$/;
const MAX_LENGTH = 400;

/**
 * Which audit events a SIEM reader receives, all of them if it does not choose: patterns of subjects as NATS writes them, `*` for one word and `>` for the rest. Each
 * names a kind of event, or all of them, and no two may match the same event, because NATS does not accept such a consumer.
 */
export function parseEventSubjects(patterns: readonly string[]): Outcome<string[]> {
  if (patterns.length === 0) return accept([ALL_FACTS]);
  if (patterns.length > MAX_PATTERNS)
    return refuse(
      'siem_subjects_invalid',
      `a reader has at most ${MAX_PATTERNS} patterns; these are ${patterns.length}`,
      'subjects',
    );
  for (const pattern of patterns) {
    if (isEventPattern(pattern)) continue;
    const message = `a pattern is ${ALL_FACTS}, or begins with audit.v1 and one of ${KINDS.join(', ')}, such as audit.v1.session.>`;
    return refuse('siem_subjects_invalid', message, 'subjects', pattern);
  }
  for (const [index, pattern] of patterns.entries()) {
    const other = patterns.slice(0, index).find((before) => overlap(before.split('.'), pattern.split('.')));
    if (other !== undefined)
      return refuse(
        'siem_subjects_invalid',
        `${other} and ${pattern} match the same events: leave one of them out`,
        'subjects',
        pattern,
      );
  }
  return accept([...patterns]);
}

function isEventPattern(pattern: string): boolean {
  const [root, version, kind, ...rest] = pattern.split('.');
  if (pattern.length > MAX_LENGTH || root !== 'audit' || version !== 'v1' || kind === undefined) return false;
  if (kind === '>') return rest.length === 0;
  const last = rest.at(-1);
  if (last === undefined || !(last === '>' || WORD.test(last))) return false;
  return (kind === '*' || KINDS.includes(kind)) && rest.slice(0, -1).every((word) => WORD.test(word));
}

/** Whether some subject matches both patterns. */
function overlap(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [one[0], other[0]];
  if (a === undefined || b === undefined) return a === b;
  if (a === '>' || b === '>') return true;
  return (a === b || a === '*' || b === '*') && overlap(one.slice(1), other.slice(1));
}

import { accept, type Outcome, refuse } from '@sluice/domain';
import type { SiemFormat } from '../http/siem-readers.js';
import { OCSF_CLASSES } from '../ocsf/ocsf-event.js';
import { ALL_FACTS, ALL_OCSF_EVENTS, AUDIT_STREAM, OCSF_STREAM, type ReaderStream } from './subjects.js';

/** How the subjects of a format begin, the words that may follow, and the stream that has them. */
const FORMATS = {
  cloudevents: {
    root: ALL_FACTS.slice(0, -2),
    kinds: ['session', 'relay', 'activity', 'attempt', 'service', 'integrity', 'health'],
    stream: AUDIT_STREAM,
  },
  ocsf: { root: ALL_OCSF_EVENTS.slice(0, -2), kinds: Object.keys(OCSF_CLASSES), stream: OCSF_STREAM },
} as const satisfies Record<SiemFormat, { root: string; kinds: readonly string[]; stream: ReaderStream }>;
/** Patterns of one reader; NATS compares each event with every one of them. */
const MAX_PATTERNS = 20;
const WORD = /^(\*|[\w-]{1,100})$/;
const MAX_LENGTH = 400;

/**
 * Which events a SIEM reader receives, all of its format if it does not choose: patterns of subjects as NATS writes them, `*` for one word and `>` for the rest. Each
 * names a kind of event, or all of them, and no two may match the same event, because NATS does not accept such a consumer.
 */
export function parseEventSubjects(patterns: readonly string[], format: SiemFormat = 'cloudevents'): Outcome<string[]> {
  const { root, kinds } = FORMATS[format];
  if (patterns.length === 0) return accept([`${root}.>`]);
  if (patterns.length > MAX_PATTERNS)
    return refuse(
      'siem_subjects_invalid',
      `a reader has at most ${MAX_PATTERNS} patterns; these are ${patterns.length}`,
      'subjects',
    );
  for (const pattern of patterns) {
    if (isEventPattern(pattern, format)) continue;
    const message = `a pattern of this format is ${root}.>, or begins with ${root} and one of ${kinds.join(', ')}, such as ${root}.${kinds[0]}.>`;
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

/** In which format a reader of these subjects receives events. */
export const formatOfSubjects = ([first = '']: readonly string[]): SiemFormat =>
  first.startsWith(`${FORMATS.ocsf.root}.`) ? 'ocsf' : 'cloudevents';

/** The stream that has these subjects. */
export const streamOfSubjects = (subjects: readonly string[]): ReaderStream => FORMATS[formatOfSubjects(subjects)].stream;

function isEventPattern(pattern: string, format: SiemFormat): boolean {
  const { root, kinds } = FORMATS[format];
  if (pattern.length > MAX_LENGTH || !pattern.startsWith(`${root}.`)) return false;
  const [kind = '', ...rest] = pattern.slice(root.length + 1).split('.');
  if (kind === '>') return rest.length === 0;
  const last = rest.at(-1);
  if (last === undefined || !(last === '>' || WORD.test(last))) return false;
  return (kind === '*' || (kinds as readonly string[]).includes(kind)) && rest.slice(0, -1).every((word) => WORD.test(word));
}

/** Whether some subject matches both patterns. */
function overlap(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [one[0], other[0]];
  if (a === undefined || b === undefined) return a === b;
  if (a === '>' || b === '>') return true;
  return (a === b || a === '*' || b === '*') && overlap(one.slice(1), other.slice(1));
}

import {
  AttemptUnanswered,
  authorOfFact,
  ChainPlace,
  Envelope,
  isFactSubject,
  isForeignSession,
  placeOfRelayFact,
  SESSION_FACTS,
  type SessionFactKind,
} from '@sluice/contracts';
import { cleanText, parseJson, plainValue } from '@sluice/domain';

/** The content of a fact that contributes to a session's record. */
export type RecordFact =
  { readonly kind: SessionFactKind; readonly data: unknown } | { readonly kind: 'unanswered'; readonly data: AttemptUnanswered };

/** The session or attempt whose record a fact contributes to. */
export const sessionOf = ({ kind, data }: RecordFact): string =>
  kind === 'unanswered' ? data.id : (data as { sessionId: string }).sessionId;

/** A message of the stream as it was received, with its author as proven by the subject. */
export interface ReceivedFact {
  readonly subject: string;
  /** A node's id or a service's name; null for a subject on which nobody is allowed to publish. */
  readonly author: string | null;
  readonly bytes: Uint8Array;
  /** The fact's place in its chain; undefined for facts outside a chain, and when it cannot be read. */
  readonly place: ChainPlace | undefined;
  /** The incarnation of its author's journal; undefined if it names none. */
  readonly incarnation: string | undefined;
  /** When that incarnation began, by its author's clock; only its first fact has this. */
  readonly startedAt: Date | undefined;
  /** The fact's id; undefined if it cannot be read. */
  readonly id: string | undefined;
  /** What the fact contributes to a record; undefined for facts that contribute nothing. */
  readonly record: RecordFact | undefined;
  /** Why the fact is rejected as malformed or not credible; undefined if it is accepted. */
  readonly trouble: string | undefined;
  /** Whether it is rejected because its session belongs to another author. */
  readonly foreign: boolean;
}

/** How far ahead of its receipt a session may begin, in milliseconds. A relay whose clock is further off has no valid certificate. */
const MAX_AHEAD_MS = 24 * 3600 * 1000;

/** Parses a message. Never throws: what is wrong with the message is returned as its `trouble`. */
export function readFact(subject: string, bytes: Uint8Array, receivedAt = new Date()): ReceivedFact {
  const author = authorOfFact(subject) ?? null;
  const read = author === null ? { trouble: 'nobody may publish on this subject' } : judge(subject, author, bytes, receivedAt);
  return {
    subject: cleanText(subject, 500),
    author,
    bytes,
    place: undefined,
    incarnation: undefined,
    startedAt: undefined,
    id: undefined,
    record: undefined,
    trouble: undefined,
    foreign: false,
    ...read,
  };
}

type Read = Partial<Pick<ReceivedFact, 'place' | 'incarnation' | 'startedAt' | 'id' | 'record' | 'trouble' | 'foreign'>>;

function judge(subject: string, author: string, bytes: Uint8Array, receivedAt: Date): Read {
  const read = parse(subject, author, bytes, receivedAt);
  if (isFactSubject(subject)) return read;
  return { ...read, record: undefined, trouble: 'its subject is not printable ASCII of at most 500 characters' };
}

function parse(subject: string, author: string, bytes: Uint8Array, receivedAt: Date): Read {
  let body: unknown;
  try {
    const text = utf8.decode(bytes);
    body = isPlain(text) ? parseJson(text) : plainValue(parseJson(text));
  } catch {
    body = undefined; // not UTF-8, or nested too deeply
  }
  if (body === undefined) return { trouble: 'not JSON' };
  const parsed = Envelope.safeParse(body);
  if (!parsed.success) {
    const place = ChainPlace.safeParse(body).data; // its number advances the chain even if the rest of the fact is malformed
    return { place, id: place?.id, trouble: `envelope: ${first(parsed.error)}` };
  }
  const { id, node, source, incarnation, number, previous, data, time } = parsed.data;
  const place = incarnation === undefined || number === undefined ? undefined : { id, incarnation, number, previous };
  const known = { place, incarnation, id };
  const [, , noun, kind] = subject.split('.');
  const chained = number !== undefined && incarnation !== undefined && previous !== undefined;
  const ofService = noun !== 'session' && noun !== 'relay';
  if (ofService && (node !== undefined || source !== `sluice://${author}`))
    return { ...known, trouble: `the fact says ${node ?? source}, its subject says ${author}` };
  if (ofService && !chained && (number ?? incarnation ?? previous) !== undefined)
    return { ...known, trouble: 'the fact has an incomplete place in its chain' };
  if (noun === 'attempt') {
    if (kind !== 'unanswered') return { ...known, trouble: `there is no attempt fact "${kind}"` };
    const attempt = AttemptUnanswered.safeParse(data);
    if (!attempt.success) return { ...known, trouble: `data: ${first(attempt.error)}` };
    if (isForeignSession(attempt.data.id, author)) return { ...known, ...FOREIGN };
    return { ...known, record: { kind, data: attempt.data } };
  }
  if (ofService) return known;
  if (node !== author) return { ...known, trouble: `the fact says node ${node}, its subject says ${author}` };
  if (incarnation === undefined) return { ...known, trouble: 'the fact of a relay names no incarnation' };
  if (chained === (kind === 'checkpoint'))
    return { ...known, trouble: `a ${kind} fact ${chained ? 'with' : 'without'} a place in its chain` };
  const contradiction = contradictionIn(subject, author, data, receivedAt);
  if (contradiction !== undefined) return { ...known, trouble: contradiction };
  if (noun === 'relay') return { ...known, startedAt: kind === 'started' ? momentOf(time) : undefined };
  const schema = Object.hasOwn(SESSION_FACTS, kind ?? '') ? SESSION_FACTS[kind as SessionFactKind] : undefined;
  if (!schema) return { ...known, trouble: `there is no session fact "${kind}": a newer release may know it` };
  const session = schema.safeParse(data);
  if (!session.success) return { ...known, trouble: `data: ${first(session.error)}` };
  if (isForeignSession(session.data.sessionId, author)) return { ...known, ...FOREIGN };
  return { ...known, record: { kind: kind as SessionFactKind, data: session.data } };
}

const utf8 = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });

/** A text that is longer may be nested so deeply that it has to be looked through once before it is trusted. */
const MAX_PLAIN = 4096;

/** Whether all texts in a JSON text are plain, because it contains no character that is removed, and no escape that may stand for one. */
const isPlain = (text: string): boolean => text.length <= MAX_PLAIN && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\\[^"\\/]/u.test(text);

/** A property of an object in JSON; undefined of anything else. */
const partOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** How a fact of a relay contradicts its subject or the time of its receipt; undefined if it does not. */
function contradictionIn(subject: string, author: string, data: unknown, receivedAt: Date): string | undefined {
  const startedAt = partOf(data, 'startedAt');
  const proven = placeOfRelayFact(subject);
  for (const [what, claimed, is] of [
    ['relay', partOf(partOf(data, 'relay'), 'id'), author],
    ['cluster', partOf(data, 'cluster'), proven.cluster],
    ['resource', partOf(partOf(data, 'resource'), 'id'), proven.resourceId],
  ] as const) {
    if (claimed === undefined || claimed === is) continue;
    return typeof claimed === 'string'
      ? `the fact says ${what} ${claimed}, its subject says ${is}`
      : `the fact's ${what} is not a text`;
  }
  const ahead = typeof startedAt === 'string' && Date.parse(startedAt) - receivedAt.getTime() > MAX_AHEAD_MS;
  return ahead ? 'the session begins more than a day after the fact was received' : undefined;
}

/** A fact about a session whose id names another author is rejected, whether or not that session is known. */
const FOREIGN = { trouble: "foreign: the session's id was made by another author", foreign: true } as const;

/** Parses a time within the range of plausible dates, which PostgreSQL can store; undefined for anything else. */
const momentOf = (text: string): Date | undefined => {
  const moment = new Date(text);
  return moment.getTime() > 0 && moment.getUTCFullYear() < 2200 ? moment : undefined;
};

const first = (error: { issues: { path: PropertyKey[]; message: string }[] }): string =>
  `${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`;

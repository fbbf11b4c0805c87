import { authorOfFact, factType, isForeignSession, isHeadSubject } from '@sluice/contracts';
import { hash } from 'node:crypto';
import { z } from 'zod';
import { readJson } from './read-json.js';

/** What every fact of a chain has. */
const FactBody = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  type: z.string(),
  time: z.string(),
  node: z.string().optional(),
  incarnation: z.string(),
  number: z.int().min(1),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  data: z.looseObject({}),
});

/** What a fact has at least that was quarantined, because it was malformed. */
const QuarantinedBody = z.looseObject({
  incarnation: z.string(),
  number: z.int().min(1),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A fact of an export. */
export interface Fact {
  readonly subject: string;
  readonly author: string | undefined;
  readonly kind: string;
  readonly hash: string;
  readonly body: z.infer<typeof FactBody>;
  /** The session that it is about; undefined for other facts. */
  readonly session: string | undefined;
}

const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Parses a fact. @returns undefined if it is malformed; one that was quarantined needs only its place in its chain */
export function readFact(subject: string, text: string, quarantined: boolean): Fact | undefined {
  if (/\p{Cs}/u.test(text)) return undefined; // a lone surrogate has no bytes in UTF-8
  const body = readBody(subject, readJson(text), quarantined);
  if (!body) return undefined;
  const [, , noun = '', verb = ''] = subject.split('.');
  const session = noun === 'session' ? body.data['sessionId'] : undefined;
  if (noun === 'session' && !quarantined && (typeof session !== 'string' || !SESSION_ID.test(session))) return undefined;
  return {
    subject,
    author: authorOfFact(subject),
    kind: `${noun}.${verb}`,
    hash: hash('sha256', text, 'hex'),
    body,
    session: typeof session === 'string' ? session.toLowerCase() : undefined,
  };
}

function readBody(subject: string, value: unknown, quarantined: boolean): Fact['body'] | undefined {
  const body = FactBody.safeParse(value).data;
  if (body || !quarantined || isHeadSubject(subject)) return body;
  const place = QuarantinedBody.safeParse(value).data;
  return place && { specversion: '1.0', id: '', type: '', time: '', ...pick(place), data: {} };
}

const pick = ({ incarnation, number, previous }: z.infer<typeof QuarantinedBody>) => ({ incarnation, number, previous });

/** Why a fact does not belong to the chain of an author; undefined if it does. */
export function whyForeign(
  { author, subject, kind, body, session }: Fact,
  chain: { author: string; incarnation: string },
  quarantined: boolean,
): string | undefined {
  if (author !== chain.author) return `its subject ${subject} is not of ${chain.author}`;
  if (body.incarnation !== chain.incarnation) return `it is of the incarnation ${body.incarnation}`;
  if (quarantined) return undefined; // what else it says is not used
  if (body.type !== factType(subject)) return `its subject ${subject} is not of the type ${body.type}`;
  const ofNode = /^(session|relay)\./.test(kind);
  if (body.node !== (ofNode ? author : undefined)) return `it says node ${body.node ?? '(none)'}`;
  if (session !== undefined && isForeignSession(session, author)) return `the session ${session} was begun by another author`;
  return undefined;
}

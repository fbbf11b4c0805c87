import { createHash } from 'node:crypto';
import { Envelope, type OcsfClass, ocsfSubject } from '@sluice/contracts';
import { cleanText, parseJson, plainValue } from '@sluice/domain';
import { readFact } from '../fact/read-fact.js';
import { malformedOf, otherOf } from './base-event.js';
import { type Draft, eventOf, type KnownFact } from './draft.js';
import { draftOf } from './draft-of.js';

/** A message of the stream of facts. */
export interface StreamFact {
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Its number in the stream. */
  readonly number: number;
  /** When JetStream stored it. */
  readonly storedAt: Date;
}

/** An OCSF event as it is published. */
export interface Converted {
  readonly of: OcsfClass;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** What a message has besides its body, at most, in bytes. */
const MAX_HEADERS = 4096;
/** Longest reason that is repeated, in UTF-16 units: it may quote what a peer chose. */
const MAX_REASON = 500;

/**
 * Converts a fact to an OCSF event. Every fact gives exactly one, so that no number is missing, and the same fact always gives the
 * same bytes. One that is malformed, not credible, unknown or too long gives an event that says so. It never throws.
 * @param largest bytes of the largest message that the server accepts
 */
export function convertFact(message: StreamFact, largest: number): Converted {
  const known = parseFact(message);
  if ('trouble' in known) return encode(unreadable(message), malformed(message, known.trouble));
  const converted = written(message, known);
  if (converted === undefined) return encode(unreadable(message), malformed(message, 'it cannot be converted'));
  if (converted.bytes.length <= largest - MAX_HEADERS) return converted;
  return encode(known, otherOf('a fact that is too long to be converted', { size: message.bytes.length }));
}

/** @returns undefined if that fails, as it does for what is nested too deeply to be written as JSON */
function written(message: StreamFact, known: KnownFact): Converted | undefined {
  try {
    const outcome = draftOf(known);
    return encode(known, 'trouble' in outcome ? malformed(message, outcome.trouble) : outcome);
  } catch {
    return undefined;
  }
}

function encode(fact: KnownFact, draft: Draft): Converted {
  const { of, activity } = draft;
  return { of, subject: ocsfSubject(of, activity), bytes: Buffer.from(JSON.stringify(eventOf(fact, draft))) };
}

function parseFact(message: StreamFact): KnownFact | { readonly trouble: string } {
  const { subject, bytes, storedAt } = message;
  const { author, trouble } = readFact(subject, bytes, storedAt);
  if (trouble !== undefined || author === null) return { trouble: trouble ?? 'nobody may publish on this subject' };
  const envelope = Envelope.safeParse(plainValue(parseJson(new TextDecoder('utf8', { ignoreBOM: true }).decode(bytes))));
  if (!envelope.success) return { trouble: 'it is no envelope of a fact' };
  const { id, time, incarnation, number, previous, data } = envelope.data;
  return { ...message, author, id, time, place: { incarnation, number, previous }, data };
}

const malformed = ({ bytes }: StreamFact, reason: string): Draft =>
  malformedOf(cleanText(reason, MAX_REASON), digestOf(bytes), bytes.length);

/** What is known of a message that cannot be parsed: its subject proves the author, and its digest identifies it. */
function unreadable(message: StreamFact): KnownFact {
  const { author, subject, place } = readFact(message.subject, message.bytes, message.storedAt);
  return {
    ...message,
    subject,
    author: author ?? 'unknown',
    id: place?.id ?? digestOf(message.bytes),
    time: message.storedAt.toISOString(),
    place: {},
    data: undefined,
  };
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

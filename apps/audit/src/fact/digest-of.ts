import { createHash } from 'node:crypto';
import type { ReceivedFact } from './read-fact.js';

/** SHA-256 of a fact's bytes. */
export const digestOf = ({ bytes }: ReceivedFact): Buffer => createHash('sha256').update(bytes).digest();

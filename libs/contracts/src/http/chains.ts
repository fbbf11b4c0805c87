import { z } from 'zod';
import { Dropped } from './dropped.js';
import { Moment, operation, page, PageQuery, READERS } from '../operation.js';

const Author = z.string().min(1).max(100).meta({ description: 'id of a relay, or `registry`, `health` or `audit`' });
const Incarnation = z.string().min(1).max(200);

/** A part of the chain of an author's facts: one run of its journal, from one number to another. */
export const FactChain = z
  .object({
    author: z.string(),
    incarnation: z.string(),
    from: z.int(),
    to: z.int(),
    dropped: Dropped.meta({ id: 'Dropped' })
      .nullable()
      .meta({ description: 'what retention has dropped from the beginning of the chain; null: nothing' }),
  })
  .meta({ id: 'FactChain' });
/** A part of the chain of an author's facts. */
export type FactChain = z.infer<typeof FactChain>;

/** A fact as it was received. */
export const ChainFact = z
  .object({
    number: z.int(),
    subject: z.string(),
    body: z.string().nullable().meta({ description: 'its exact bytes as text; null if they were not kept' }),
    sha256: z.string().meta({ description: 'of its bytes, in hexadecimal' }),
    missingBefore: z.int().meta({ description: 'how many numbers before it never arrived and were reported as a gap' }),
    quarantined: z.string().nullable().meta({ description: 'why no record was made of it' }),
  })
  .meta({ id: 'ChainFact' });
/** A fact as it was received. */
export type ChainFact = z.infer<typeof ChainFact>;

export const listChains = operation({
  id: 'chains.list',
  owner: 'audit',
  callers: READERS,
  summary: 'The chains of the facts that were received within a time, each up to the next signed head',
  method: 'GET',
  path: '/chains',
  input: PageQuery.extend({
    since: Moment.optional().meta({ description: 'received then or later' }),
    until: Moment.optional().meta({ description: 'received before' }),
  }).strict(),
  output: page(FactChain),
});

export const listChainFacts = operation({
  id: 'chains.facts',
  owner: 'audit',
  callers: READERS,
  summary: 'The facts of a chain by number, exactly as they were received',
  method: 'GET',
  path: '/chains/{author}/{incarnation}/facts',
  input: PageQuery.extend({
    author: Author,
    incarnation: Incarnation,
    from: z.coerce.number().int().min(1).default(1),
    to: z.coerce.number().int().min(1).optional(),
  }).strict(),
  output: page(ChainFact),
});

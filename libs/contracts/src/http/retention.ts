import { plainText } from '@sluice/domain';
import { z } from 'zod';
import { ADMINISTRATORS, Id, Moment, operation, page, PageQuery, READERS } from '../operation.js';

/** What has days of its own: records of sessions with the facts of relays, activities with the other facts of the registry, and all other facts. */
export const RETENTION_KINDS = ['sessions', 'activities', 'facts'] as const;
/** What has days of its own. */
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** How long evidence of a kind is kept. */
const KindRetention = z.object({
  kind: z.enum(RETENTION_KINDS),
  days: z.int().meta({ description: 'how many days it is kept now; 0: forever' }),
  askedDays: z.int().meta({ description: 'how many days the settings say' }),
  dueAt: z
    .string()
    .nullable()
    .meta({ description: 'from when on, to the minute, it is kept for the shorter time of the settings; null: it is already' }),
});

/** How long evidence is kept, and what was dropped. */
export const Retention = z
  .object({
    kinds: z.array(KindRetention),
    droppedFacts: z.int(),
    droppedRecords: z.int(),
    droppedAt: z.string().nullable().meta({ description: 'when something was last dropped; null: never' }),
    oldestFactAt: z
      .string()
      .nullable()
      .meta({ description: 'when the oldest fact that is kept was received; null: there is none' }),
  })
  .meta({ id: 'Retention' });
/** How long evidence is kept, and what was dropped. */
export type Retention = z.infer<typeof Retention>;

/** A text on one line, without characters that cannot be seen. */
const Line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => plainText(text) === text, 'has no invisible characters');

/** What a hold is of. */
const HoldFilter = z.object({
  account: Line(400).nullable().meta({ description: 'id or e-mail that an account had at the time; null: of any' }),
  resource: Line(400).nullable().meta({ description: 'id or name that a server had at the time; null: of any' }),
  since: Moment.nullable().meta({ description: 'sessions that had not ended then; null: from the beginning' }),
  until: Moment.nullable().meta({ description: 'sessions that began before, or within a day after; null: all later ones' }),
});

/** A legal hold: records of sessions that it is of, and their facts, are not dropped until a day after it is released. */
export const Hold = HoldFilter.extend({
  id: Id,
  reason: z.string(),
  createdAt: z.string(),
  createdBy: z.string(),
  releasedAt: z.string().nullable(),
  releasedBy: z.string().nullable(),
}).meta({ id: 'Hold' });
/** A legal hold. */
export type Hold = z.infer<typeof Hold>;

/** A hold as it is asked for. */
export const NewHold = HoldFilter.partial().extend({ reason: Line(1000) });

export const showRetention = operation({
  id: 'retention.show',
  owner: 'audit',
  callers: READERS,
  summary: 'Show how long evidence is kept, and how much was dropped',
  method: 'GET',
  path: '/retention',
  input: z.strictObject({}),
  output: Retention,
});

export const listHolds = operation({
  id: 'holds.list',
  owner: 'audit',
  callers: READERS,
  summary: 'List legal holds, newest first, also those that were released',
  method: 'GET',
  path: '/holds',
  input: PageQuery.strict(),
  output: page(Hold),
});

export const showHold = operation({
  id: 'holds.show',
  owner: 'audit',
  callers: READERS,
  summary: 'Show a legal hold',
  method: 'GET',
  path: '/holds/{id}',
  input: z.strictObject({ id: Id }),
  output: Hold,
});

export const createHold = operation({
  id: 'holds.create',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Hold records of sessions and their facts: nothing that is held is dropped from the response on',
  method: 'POST',
  path: '/holds',
  creates: true,
  input: NewHold.strict(),
  output: Hold,
});

export const releaseHold = operation({
  id: 'holds.release',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Release a legal hold: what it held may be dropped from a day later on',
  method: 'POST',
  path: '/holds/{id}/release',
  input: z.strictObject({ id: Id }),
  output: Hold,
});

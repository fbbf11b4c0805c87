import { z } from 'zod';
import { ADMINISTRATORS, Id, Moment, Nothing, operation, page, PageQuery, READERS, Version } from '../operation.js';

/** How many SIEM readers an installation has at most. */
export const MAX_SIEM_READERS = 16;

/** The forms in which SIEM readers receive events: as they were published, or converted to the Open Cybersecurity Schema Framework. */
export const SIEM_FORMATS = ['cloudevents', 'ocsf'] as const;
/** A form in which a SIEM reader receives events. */
export type SiemFormat = (typeof SIEM_FORMATS)[number];

/** How far a consumer of a stream of events has come. Numbers are sequences of that stream, which NATS clients show with every event. */
export const Delivery = z
  .object({
    waiting: z.int().meta({ description: 'events that were not delivered yet' }),
    unacknowledged: z.int().meta({ description: 'events that were delivered and not acknowledged yet' }),
    deliveredNumber: z.int().meta({ description: 'number of the last event that was delivered' }),
    acknowledgedNumber: z.int().meta({ description: 'all its events up to this number are acknowledged' }),
    deliveredAt: z
      .string()
      .nullable()
      .meta({ description: 'when it was last delivered an event; null: not since NATS was started' }),
    acknowledgedAt: z
      .string()
      .nullable()
      .meta({ description: 'when it last acknowledged an event; null: not since NATS was started' }),
    oldestAt: z
      .string()
      .nullable()
      .meta({ description: 'when the oldest event was stored that it has not acknowledged; null: there is none' }),
  })
  .meta({ id: 'Delivery' });
/** How far a consumer of a stream of events has come. */
export type Delivery = z.infer<typeof Delivery>;

const start = {
  fromTime: Moment.nullable().meta({ description: 'it begins with the events that were stored then' }),
  fromNumber: z.int().min(1).nullable().meta({
    description: 'it begins with the event of this number, or with the oldest one if the stream has not reached the number',
  }),
};

/** A SIEM that receives audit events through a durable consumer of its own. Its credentials are shown once, when they are made. */
export const SiemReader = z
  .object({
    id: Id,
    version: z.int(),
    name: z.string(),
    format: z.enum(SIEM_FORMATS).meta({ description: 'the form of the events: as they were published, or converted to OCSF' }),
    subjects: z.array(z.string()).meta({ description: 'which events it receives, as patterns of NATS subjects' }),
    stream: z.string().meta({ description: 'the JetStream stream' }),
    consumer: z.string().meta({ description: 'its durable consumer of that stream' }),
    inboxPrefix: z.string().meta({ description: 'the prefix of inboxes that its NATS client must use' }),
    ...start,
    createdAt: z.string(),
    createdBy: z.string(),
    rotatedAt: z.string().nullable().meta({ description: 'when its credentials were last replaced' }),
    delivery: Delivery.nullable().meta({
      description: 'null: its consumer does not exist yet, or the audit service does not respond',
    }),
    conversion: Delivery.nullable().meta({
      description:
        'how far events are converted for readers of OCSF, in numbers of the stream of CloudEvents; null for others, or if it is unknown',
    }),
  })
  .meta({ id: 'SiemReader' });
/** A SIEM that receives audit events through a durable consumer of its own. */
export type SiemReader = z.infer<typeof SiemReader>;

const ShownReader = SiemReader.extend({
  servers: z.array(z.string()).meta({ description: 'addresses of NATS, as relays are given them' }),
  ca: z
    .string()
    .nullable()
    .meta({ description: "the authority of NATS's certificate, as PEM; null: one that clients trust without that" }),
}).meta({ id: 'ShownSiemReader' });

const NewCredentials = ShownReader.extend({
  credentials: z.string().meta({ description: 'the content of a .creds file, as NATS clients read it; shown once' }),
}).meta({ id: 'SiemCredentials' });
/** A SIEM reader with its new credentials. */
export type SiemCredentials = z.infer<typeof NewCredentials>;

const From = {
  fromTime: start.fromTime.optional(),
  fromNumber: start.fromNumber.optional(),
};

export const listSiemReaders = operation({
  id: 'siem-readers.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List the SIEM readers of audit events by name, with how far each has come; never their credentials',
  method: 'GET',
  path: '/siem-readers',
  input: PageQuery.extend({
    name: z.string().max(2000).optional().meta({ description: 'only the reader of this name' }),
  }).strict(),
  output: page(SiemReader),
});

export const showSiemReader = operation({
  id: 'siem-readers.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a SIEM reader, how far it has come, and where its client finds NATS; never its credentials',
  method: 'GET',
  path: '/siem-readers/{id}',
  input: z.strictObject({ id: Id }),
  output: ShownReader,
});

export const createSiemReader = operation({
  id: 'siem-readers.create',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary:
    'Create a SIEM reader with a durable consumer of its own; its NATS credentials are shown once. Without a start it receives events from now on',
  method: 'POST',
  path: '/siem-readers',
  creates: true,
  input: z.strictObject({
    name: z.string().max(2000),
    format: z.enum(SIEM_FORMATS).default('cloudevents'),
    subjects: z
      .array(z.string().max(1000))
      .max(1000)
      .default([])
      .meta({ description: 'default: all events of the format, `audit.v1.>` or `siem.v1.ocsf.>`' }),
    ...From,
  }),
  output: NewCredentials,
});

export const rotateSiemReader = operation({
  id: 'siem-readers.rotate',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Replace the credentials of a SIEM reader: the old ones receive nothing more, the new ones continue where it was',
  method: 'POST',
  path: '/siem-readers/{id}/rotate',
  creates: true,
  input: z.strictObject({ id: Id, version: Version }),
  output: NewCredentials,
});

export const replaySiemReader = operation({
  id: 'siem-readers.replay',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Let a SIEM reader receive events again from a time or a number, as far as JetStream keeps them; its credentials stay',
  method: 'POST',
  path: '/siem-readers/{id}/replay',
  input: z.strictObject({ id: Id, version: Version, ...From }),
  output: SiemReader,
});

export const deleteSiemReader = operation({
  id: 'siem-readers.delete',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Delete a SIEM reader with its consumer: its credentials receive nothing more',
  method: 'DELETE',
  path: '/siem-readers/{id}',
  input: z.strictObject({ id: Id, version: Version }),
  output: Nothing,
});

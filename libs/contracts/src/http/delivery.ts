import { z } from 'zod';
import { operation, READERS } from '../operation.js';
import { Delivery } from './siem-readers.js';

/** Who reads a stream of events: the audit service itself, or a SIEM reader. */
const FactReader = z.object({
  kind: z.enum(['records', 'ocsf', 'siem']).meta({
    description:
      '`records`: the audit service, which stores facts in the database; `ocsf`: the audit service, which converts them for readers of OCSF',
  }),
  id: z.string().nullable().meta({ description: 'id of the SIEM reader' }),
  name: z.string(),
  stream: z.string().meta({ description: 'the JetStream stream that it reads, and that the numbers are of' }),
  delivery: Delivery,
});

/** A relay that is online, or whose facts are incomplete: up to which number they are stored. */
const RelayChain = z.object({
  id: z.string(),
  name: z.string().nullable().meta({ description: 'null: it is not online' }),
  cluster: z.string().nullable(),
  incarnation: z.string().nullable().meta({ description: 'its latest journal of which facts were stored' }),
  through: z.int().meta({ description: 'all facts of that journal up to this number are stored, or were reported as a gap' }),
  highest: z.int().meta({
    description: 'the highest number that was stored; if it is above `through`, facts between them have not arrived yet',
  }),
  journal: z.object({ facts: z.int(), bytes: z.int() }).nullable().meta({
    description: 'facts in its journal that were not reported to it as stored; null: not online, or of an earlier release',
  }),
});

/** Numbers of a chain that were given up because their facts did not arrive. */
const Gap = z.object({
  author: z.string(),
  incarnation: z.string(),
  from: z.int(),
  to: z.int(),
  missing: z.int().meta({ description: 'how many of them have not arrived since' }),
  reportedAt: z.string(),
});

const StreamState = z.object({
  firstNumber: z.int().meta({ description: 'number of the oldest event that JetStream keeps' }),
  lastNumber: z.int(),
  firstAt: z.string().nullable().meta({ description: 'when that oldest event was stored' }),
  bytes: z.int(),
  limitBytes: z.int(),
});

/** How far facts have come: from the relays into the stream, and from there into the database and to SIEM readers. */
export const DeliveryStatus = z
  .object({
    at: z.string(),
    stream: StreamState,
    ocsf: StreamState.nullable().meta({ description: 'the stream of OCSF events; null: there is no reader of it' }),
    readers: z.array(FactReader),
    relays: z.array(RelayChain).meta({ description: 'those whose facts wait first' }),
    gaps: z.array(Gap).meta({ description: 'the twenty latest with facts that are still missing' }),
  })
  .meta({ id: 'DeliveryStatus' });
/** How far facts have come. */
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

export const showDelivery = operation({
  id: 'delivery.show',
  owner: 'audit',
  callers: READERS,
  summary: 'Show how far facts have come: the journals of relays, the stream, the database, SIEM readers, and what is missing',
  method: 'GET',
  path: '/delivery',
  input: z.strictObject({}),
  output: DeliveryStatus,
});

import { z } from 'zod';
import { Delivery, SiemReader } from '../http/siem-readers.js';
import { ADMINISTRATORS, Nothing, operation, READERS } from '../operation.js';

/** What the consumer of a SIEM reader has to be. */
export const WantedReader = SiemReader.pick({
  id: true,
  name: true,
  consumer: true,
  subjects: true,
  fromTime: true,
  fromNumber: true,
}).extend({
  /** It rises when the consumer has to begin again at its start. A consumer of the same reader and start continues where the one before it was. */
  start: z.int(),
});
/** What the consumer of a SIEM reader has to be. */
export type WantedReader = z.infer<typeof WantedReader>;

/** Internal: the audit service asks the registry which consumers the SIEM readers need. It has no HTTP route; only the bus users of services may request it. */
export const wantedReaders = operation({
  id: 'siem-readers.wanted',
  owner: 'registry',
  callers: 'anybody',
  summary: 'List the consumers that SIEM readers need',
  method: 'POST',
  path: '',
  budget: 100_000, // all copies of the audit service are one caller
  input: z.strictObject({}),
  output: z.object({ readers: z.array(WantedReader) }),
});

/** Internal: the registry has changed the SIEM readers, and asks the audit service to make their consumers so now. It has no HTTP route. */
export const settleReaders = operation({
  id: 'siem-readers.settle',
  owner: 'audit',
  callers: ADMINISTRATORS,
  summary: 'Make and remove consumers, so that they are those that SIEM readers need',
  method: 'POST',
  path: '',
  input: z.strictObject({}),
  output: Nothing,
});

/** Internal: the registry asks the audit service how far the consumers of SIEM readers have come. It has no HTTP route. */
export const showDeliveries = operation({
  id: 'siem-readers.deliveries',
  owner: 'audit',
  callers: READERS,
  summary: 'Show how far the consumers of SIEM readers have come',
  method: 'POST',
  path: '',
  input: z.strictObject({}),
  output: z.object({ deliveries: z.array(z.object({ consumer: z.string(), delivery: Delivery })) }),
});

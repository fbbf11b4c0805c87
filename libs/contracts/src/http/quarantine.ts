import { z } from 'zod';
import { ADMINISTRATORS, operation, page, PageQuery, READERS } from '../operation.js';

/** A fact that was received and kept, but could not become part of a record. */
export const QuarantinedFact = z
  .object({
    id: z.int(),
    subject: z.string(),
    author: z.string().nullable(),
    kind: z.enum(['quarantined', 'conflict', 'foreign']),
    reason: z.string(),
    receivedAt: z.string(),
  })
  .meta({ id: 'QuarantinedFact' });
/** A fact that was received and kept, but could not become part of a record. */
export type QuarantinedFact = z.infer<typeof QuarantinedFact>;

export const listQuarantine = operation({
  id: 'quarantine.list',
  owner: 'audit',
  callers: READERS,
  summary: 'List facts that could not become part of a record, newest first',
  method: 'GET',
  path: '/quarantine',
  input: PageQuery.strict(),
  output: page(QuarantinedFact),
});

export const retryQuarantine = operation({
  id: 'quarantine.retry',
  owner: 'audit',
  callers: ADMINISTRATORS,
  summary: 'Try again to apply a quarantined fact',
  method: 'POST',
  path: '/quarantine/{id}/retry',
  input: z.strictObject({ id: z.coerce.number().int().min(1) }),
  output: z.object({ resolved: z.boolean(), reason: z.string().nullable() }).meta({ id: 'QuarantineRetried' }),
});

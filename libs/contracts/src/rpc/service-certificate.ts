import { z } from 'zod';
import type { ChainedService } from '../facts/envelope.js';
import { AuthorityRecords } from '../http/authority-record.js';
import { operation } from '../operation.js';

const ofService = (service: ChainedService) =>
  operation({
    id: `services.certify-${service}`,
    owner: 'registry',
    callers: 'anybody',
    summary: `Certify the key with which the ${service} service signs its facts`,
    method: 'POST',
    path: '',
    budget: 100_000, // all copies of a service are one caller
    input: z.strictObject({ publicKey: z.string().max(2000).meta({ description: 'SPKI, PEM' }) }),
    output: z.object({
      certificate: z.string(),
      ca: z.string(),
      authorities: AuthorityRecords.optional(), // also those that were retired; absent in responses of older releases
    }),
  });

/** Internal: the audit service has its key certified. Only its own bus user may request this: that is what proves who asks. */
export const certifyAudit = ofService('audit');
/** Internal: the health service has its key certified. Only its own bus user may request this. */
export const certifyHealth = ofService('health');

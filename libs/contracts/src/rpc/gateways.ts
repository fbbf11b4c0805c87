import { isHostPort } from '@sluice/domain';
import { z } from 'zod';
import { Id, operation } from '../operation.js';

/** Internal: a gateway registers and receives its node certificate. Only the bus user of gateways may request this. */
export const registerGateway = operation({
  id: 'gateways.register',
  owner: 'registry',
  callers: 'anybody',
  summary: 'Register a gateway',
  method: 'POST',
  path: '',
  budget: 100_000, // all gateways are one caller: none of them is a client's address
  input: z.strictObject({
    name: z.string().min(1).max(100),
    address: z.string().max(300).refine(isHostPort, 'is not host:port'),
    /** The address for relays, if it differs from the one for agents. */
    relayAddress: z.string().max(300).refine(isHostPort, 'is not host:port').nullable(),
    publicKey: z.string().max(2000),
  }),
  output: z.object({ nodeId: Id, organizationId: Id, certificate: z.string(), ca: z.string() }),
});

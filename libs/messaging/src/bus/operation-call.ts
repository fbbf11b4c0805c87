import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { BUS_HEADERS, type Operation, Problem, TRACEPARENT } from '@sluice/contracts';
import { activeTraceparent } from '@sluice/traces';
import { z } from 'zod';

/** The longest id of a request, in characters; the gateway accepts no longer one. */
const MAX_REQUEST_ID = 80;

/** On whose behalf an operation is called. */
export interface CallOrigin {
  readonly token?: string | undefined;
  readonly requestId: string;
  readonly idempotencyKey?: string | undefined;
  /** Where the request came from. */
  readonly clientAddress?: string | undefined;
}

/** The headers of a call, which belongs to the active span's trace. */
export function callHeaders(origin: CallOrigin): MsgHdrs {
  const head = headers();
  for (const [name, header] of Object.entries(BUS_HEADERS)) {
    const value = origin[name as keyof CallOrigin];
    if (value !== undefined) head.set(header, value);
  }
  const traceparent = activeTraceparent();
  if (traceparent !== undefined) head.set(TRACEPARENT, traceparent);
  return head;
}

/** What the spans of a call say about it, at both ends. */
export const operationAttributes = ({ owner, id }: Pick<Operation, 'owner' | 'id'>, requestId: string) => ({
  'rpc.system.name': 'nats',
  'rpc.method': `${owner}/${id}`,
  'sluice.request.id': requestId.slice(0, MAX_REQUEST_ID),
});

/** What a service responds to a call. */
export const Reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), problem: Problem }),
]);
/** What a service responds to a call. */
export type Reply = z.infer<typeof Reply>;

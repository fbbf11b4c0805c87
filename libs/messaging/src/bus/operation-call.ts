import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { BUS_HEADERS, Problem } from '@sluice/contracts';
import { z } from 'zod';

/** On whose behalf an operation is called. */
export interface CallOrigin {
  readonly token?: string | undefined;
  readonly requestId: string;
  readonly idempotencyKey?: string | undefined;
  /** Where the request came from. */
  readonly clientAddress?: string | undefined;
}

/** The headers of a call. */
export function callHeaders(origin: CallOrigin): MsgHdrs {
  const head = headers();
  for (const [name, header] of Object.entries(BUS_HEADERS)) {
    const value = origin[name as keyof CallOrigin];
    if (value !== undefined) head.set(header, value);
  }
  return head;
}

/** What a service responds to a call. */
export const Reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), problem: Problem }),
]);
/** What a service responds to a call. */
export type Reply = z.infer<typeof Reply>;

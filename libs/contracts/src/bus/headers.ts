/** Headers of a request on the bus. The token is the account's own: the service that handles the request has it checked by the registry. */
export const BUS_HEADERS = {
  token: 'Sluice-Token',
  requestId: 'Sluice-Request-Id',
  idempotencyKey: 'Sluice-Idempotency-Key',
  /** Where the request came from, as the gateway saw it. No credential: limits and records use it. Only gateways may call on behalf of accounts. */
  clientAddress: 'Sluice-Client-Address',
} as const;

/** The header of W3C's trace context, on the bus as in HTTP. */
export const TRACEPARENT = 'traceparent';

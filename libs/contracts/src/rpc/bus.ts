/** Headers of a question on the bus. The token is the account's own: the service that answers has it checked by the registry. */
export const BUS_HEADERS = {
  token: 'Sluice-Token',
  requestId: 'Sluice-Request-Id',
  idempotencyKey: 'Sluice-Idempotency-Key',
} as const;

/** JetStream stream that keeps every fact. */
export const AUDIT_STREAM = 'AUDIT';

/** Users of the bus that are services; relays have one user each, named by their node id. */
export const BUS_SERVICES = ['registry', 'audit', 'health', 'gateway'] as const;
/** Users of the bus that are services. */
export type BusService = (typeof BUS_SERVICES)[number];

/** The inbox prefix of a bus user: nobody else may listen there. */
export const inboxPrefix = (user: string): string => `_INBOX_${user}`;

export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Taken out of `publish`. */
  readonly never?: readonly string[];
}

const kvRead = (bucket: string) => [
  `$JS.API.STREAM.INFO.KV_${bucket}`,
  `$JS.API.CONSUMER.CREATE.KV_${bucket}.>`,
  `$JS.API.CONSUMER.DELETE.KV_${bucket}.>`,
  `$JS.API.CONSUMER.INFO.KV_${bucket}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.KV_${bucket}.>`,
  `$JS.API.DIRECT.GET.KV_${bucket}.>`,
  `$JS.ACK.KV_${bucket}.>`,
  `$JS.FC.KV_${bucket}.>`,
];
const kvWrite = (bucket: string) => [
  ...kvRead(bucket),
  `$JS.API.STREAM.CREATE.KV_${bucket}`,
  `$JS.API.STREAM.UPDATE.KV_${bucket}`,
  `$KV.${bucket}.>`,
];

/** Buckets come and go with proxy clusters, so their maker may make any; the stream of facts is not one of them. */
const ANY_BUCKET = [
  ...['INFO', 'CREATE', 'UPDATE', 'DELETE'].map((verb) => `$JS.API.STREAM.${verb}.*`),
  '$JS.API.CONSUMER.CREATE.*.>',
  '$JS.API.CONSUMER.DELETE.*.>',
  '$JS.API.CONSUMER.INFO.*.>',
  '$JS.API.CONSUMER.MSG.NEXT.*.>',
  '$JS.API.DIRECT.GET.*.>',
  '$JS.ACK.*.>',
  '$JS.FC.*.>',
  '$KV.*.>',
];
const NO_AUDIT_STREAM = [
  `$JS.API.STREAM.*.${AUDIT_STREAM}`,
  `$JS.API.CONSUMER.*.${AUDIT_STREAM}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.>`,
  `$JS.API.DIRECT.GET.${AUDIT_STREAM}.>`,
  `$JS.ACK.${AUDIT_STREAM}.>`,
  '$KV.health.>',
];

/** What a service may say and hear on the bus. Everything else is refused by the NATS server. */
export function servicePermissions(service: BusService): BusPermissions {
  const inbox = `${inboxPrefix(service)}.>`;
  switch (service) {
    case 'registry':
      return {
        publish: ['rpc.v1.audit.sessions.locate', 'node.v1.*.end-session', 'audit.v1.activity.>', '$JS.API.INFO', ...ANY_BUCKET],
        never: NO_AUDIT_STREAM,
        subscribe: [inbox, 'rpc.v1.registry.>', 'node.v1.*.present'],
      };
    case 'audit':
      return {
        publish: [
          'rpc.v1.registry.actors.identify',
          'node.v1.*.stored',
          '$JS.API.INFO',
          `$JS.API.STREAM.INFO.${AUDIT_STREAM}`,
          `$JS.API.STREAM.CREATE.${AUDIT_STREAM}`,
          `$JS.API.STREAM.UPDATE.${AUDIT_STREAM}`,
          `$JS.API.CONSUMER.*.${AUDIT_STREAM}.records`,
          `$JS.API.CONSUMER.CREATE.${AUDIT_STREAM}.records.>`,
          `$JS.API.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.records`,
          `$JS.API.CONSUMER.DURABLE.CREATE.${AUDIT_STREAM}.records`,
          `$JS.ACK.${AUDIT_STREAM}.records.>`,
        ],
        subscribe: [inbox, 'rpc.v1.audit.>'],
      };
    case 'health':
      return {
        publish: [
          'rpc.v1.registry.actors.identify',
          'node.v1.*.probe',
          'audit.v1.health.>',
          '$JS.API.INFO',
          ...kvRead('health_policy'),
          ...kvWrite('health'),
        ],
        subscribe: [inbox, 'rpc.v1.health.>', 'node.v1.*.present', 'audit.v1.session.opened.>', 'audit.v1.session.failed.>'],
      };
    case 'gateway':
      return {
        publish: [
          'rpc.v1.registry.>',
          'rpc.v1.audit.sessions.list',
          'rpc.v1.audit.sessions.show',
          'rpc.v1.audit.attempts.report',
          'rpc.v1.health.>',
          'node.v1.*.present',
          '$JS.API.INFO',
          ...kvRead('gateway_policy'),
        ],
        subscribe: [inbox],
      };
  }
}

/** What one relay may say and hear on the bus: its own facts, its own commands, its cluster's policy. */
export function relayPermissions(nodeId: string, cluster: string): BusPermissions {
  return {
    publish: [
      `node.v1.${nodeId}.present`,
      `audit.v1.session.*.${cluster}.${nodeId}.>`,
      `audit.v1.relay.*.${cluster}.${nodeId}`,
      '$JS.API.INFO',
      ...kvRead(`policy_${cluster}`),
    ],
    subscribe: [
      `${inboxPrefix(nodeId)}.>`,
      `node.v1.${nodeId}.end-session`,
      `node.v1.${nodeId}.probe`,
      `node.v1.${nodeId}.stored`,
    ],
  };
}

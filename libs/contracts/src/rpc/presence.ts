import { cleanText, isHostPort } from '@sluice/domain';
import { z } from 'zod';
import type { NODE_KINDS } from '../http/node-kinds.js';
import { Id } from '../operation.js';

/** How often a node publishes its presence, in milliseconds. */
export const PRESENCE_INTERVAL_MS = 3000;
/** A node whose presence has not been received for this long is offline, in milliseconds. */
export const PRESENCE_LIMIT_MS = 10_000;

const NODE_TOKEN = 'presence.v1';
/** Presence of every relay. */
export const RELAY_PRESENCE = `${NODE_TOKEN}.relay.*.*`;
/** Presence of every gateway. */
export const GATEWAY_PRESENCE = `${NODE_TOKEN}.gateway.*`;

/** Subject of one relay's presence. Only that relay may publish there, so the subject proves its id and its proxy cluster. */
export const relayPresence = (cluster: string, nodeId: string): string => `${NODE_TOKEN}.relay.${cluster}.${nodeId}`;
/** Subject of a gateway's presence. All gateways share one bus user. */
export const gatewayPresence = (nodeId: string): string => `${NODE_TOKEN}.gateway.${nodeId}`;

/** What a node publishes about itself every few seconds, and immediately when it has applied a change of the policy. Its identity is not in the message: the subject proves it. */
export const Presence = z.object({
  name: z.string().transform((name) => cleanText(name, 100)),
  sessions: z.int().min(0),
  draining: z.boolean(),
  /** `host:port` at which agents find it: of every gateway, and of a relay that listens itself. */
  address: z
    .string()
    .max(300)
    .nullable()
    .transform((address) => (address !== null && isHostPort(address) ? address : null)), // malformed: agents must not be given it
  /** The revision of its policy bucket that it has applied; absent if there is none yet, or in an older release. */
  applied: z.int().min(0).optional(),
  /** What of a relay's journal was not reported to it as stored; absent in an older release. */
  journal: z
    .object({ facts: z.int().min(0), bytes: z.int().min(0) })
    .optional()
    .catch(undefined),
  /** Bytes of sessions that a relay carried each second since the presence before, in both directions; absent for gateways and in older releases. */
  bytesPerSecond: z.number().min(0).optional(),
  /** The release that the node runs; absent in older ones. */
  release: z
    .string()
    .transform((release) => cleanText(release, 50))
    .optional(),
  /** Fingerprints of the authorities that it accepts, first the one that signed its own certificate; absent in older releases. */
  authorities: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(16)
    .optional()
    .catch(undefined),
  /** The node has stopped and carries nothing any more. This is its last message. */
  left: z.boolean().optional(),
});
/** What a node publishes about itself every few seconds. */
export type Presence = z.infer<typeof Presence>;

/** A node that is online, as the subject of its presence proves. */
export interface PresentNode {
  readonly id: string;
  readonly kind: (typeof NODE_KINDS)[number];
  /** Proxy cluster of a relay; null for a gateway. */
  readonly cluster: string | null;
}

/** The node that published a presence, by its subject; undefined for any other subject. */
export function presentNode(subject: string): PresentNode | undefined {
  const [, , kind, ...rest] = subject.split('.');
  const [cluster, id] = kind === 'relay' ? rest : [null, rest[0]];
  if ((kind !== 'relay' && kind !== 'gateway') || cluster === undefined || !Id.safeParse(id).success) return undefined;
  return { id: id as string, kind, cluster };
}

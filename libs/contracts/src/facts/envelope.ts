import { z } from 'zod';

/**
 * Every fact is a CloudEvent. Facts of a relay carry four more attributes:
 *
 *   node          the node that publishes it; equals the node in the subject
 *   incarnation   one run of that relay's journal
 *   number        1, 2, 3 ... within the incarnation; a missing one is a gap
 *   previous      SHA-256 (hex) of the bytes of fact number-1 as published; 64 zeros for the first
 *
 * The facts of the registry, the health and the audit service form chains too, without a `node`. `checkpoint` facts are not part
 * of the chain: they have node and incarnation, but neither number nor previous.
 */
/** An id in an envelope: printable ASCII, so that every store accepts it. */
const FactId = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'is not an id of printable ASCII');

/** Every fact is a CloudEvent with these attributes. */
export const Envelope = z.object({
  specversion: z.literal('1.0'),
  id: FactId,
  source: z.string(),
  type: z.string(),
  time: z.string(),
  subject: z.string().optional(),
  datacontenttype: z.literal('application/json'),
  node: z.string().optional(),
  incarnation: FactId.optional(),
  number: z.int().min(1).optional(),
  previous: z.string().length(64).optional(),
  data: z.unknown(),
});
/** Every fact is a CloudEvent with these attributes. */
export type Envelope = z.infer<typeof Envelope>;

/** The place of a fact in the chain of its author. It can be read even if the rest of the fact is not understood. */
export const ChainPlace = z.object({
  id: FactId,
  incarnation: FactId,
  number: z.int().min(1),
  /** The hash of the fact before it, as it says; undefined if it says none. */
  previous: z.string().optional().catch(undefined),
});
/** The place of a fact in the chain of its author. */
export type ChainPlace = z.infer<typeof ChainPlace>;

/** Services whose facts form chains. */
export const CHAINED_SERVICES = ['registry', 'health', 'audit'] as const;
/** Services whose facts form chains. */
export type ChainedService = (typeof CHAINED_SERVICES)[number];
/** Subject of the first fact of a service's chain. */
export const serviceStartedSubject = (service: ChainedService): string => `audit.v1.service.started.${service}`;

const NODE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Who published a fact, derived from its subject, on which the bus lets nobody else publish, whatever the rest of the subject
 * is: a node's id, or the name of a service. Undefined for any other subject.
 */
export function authorOfFact(subject: string): string | undefined {
  const [root, version, noun, , third, node] = subject.split('.');
  if (root !== 'audit' || version !== 'v1') return undefined;
  switch (noun) {
    case 'session':
    case 'relay':
      return node !== undefined && NODE_ID.test(node) ? node : undefined;
    case 'activity':
    case 'attempt':
      return 'registry';
    case 'service':
      return CHAINED_SERVICES.find((service) => service === third);
    case 'health':
      return 'health';
    case 'integrity':
      return 'audit';
    default:
      return undefined;
  }
}

/** Whether a subject is one that a fact may have: printable ASCII, at most 500 characters. */
export const isFactSubject = (subject: string): boolean => /^[\x21-\x7e]{1,500}$/.test(subject);

/** The cluster and the resource of a relay's fact, from its subject: the bus lets a relay publish for its own cluster only. */
export function placeOfRelayFact(subject: string): { readonly cluster: string; readonly resourceId: string } {
  const [, , , , cluster = '', , ...resource] = subject.split('.');
  return { cluster, resourceId: resource.join('.') };
}

/** The proxy cluster of the relay that published a fact, from its subject: the bus lets it name no other. Undefined for facts of services. */
export function clusterOfFact(subject: string): string | undefined {
  const [, , noun, , cluster] = subject.split('.');
  return (noun === 'session' || noun === 'relay') && authorOfFact(subject) !== undefined ? cluster : undefined;
}

/** `previous` of the first fact of an incarnation. */
export const FIRST_PREVIOUS = '0'.repeat(64);

import type { AuditHeartbeat, Dropped, ResourceHealthChanged, SignedHead } from '@sluice/contracts';
import { type Attributes, type Draft, draft, type KnownFact, present } from './draft.js';

/** Keeps a byte order mark, which decoders drop by default. */
const EXACT = new TextDecoder('utf8', { ignoreBOM: true });

/** An author's signature over its earlier facts. The head itself is there byte for byte, because it is verified as it was published. */
export const headOf = ({ through, hash }: SignedHead, { author, bytes }: KnownFact): Draft =>
  draft({
    of: 'base_event',
    activity: 'head',
    severity: 'informational',
    status: 'success',
    message: `${author} signed its facts up to number ${through}`,
    attributes: { raw_data: EXACT.decode(bytes) },
    unmapped: { through, hash },
  });

/** Retention drops old facts of a chain. The fact itself is there byte for byte, because it proves what was dropped. */
export const droppedOf = ({ author, incarnation, through, hash, facts, records }: Dropped, { bytes }: KnownFact): Draft =>
  draft({
    of: 'base_event',
    activity: 'dropped',
    severity: 'informational',
    status: 'success',
    message: `facts of ${author} up to number ${through} are dropped by retention`,
    attributes: { raw_data: EXACT.decode(bytes) },
    unmapped: { author, incarnation, through, hash, facts, records },
  });

/** Facts are stored, and converted. */
export const heartbeatOf = ({ through, before, waiting }: AuditHeartbeat): Draft =>
  draft({
    of: 'base_event',
    activity: 'heartbeat',
    severity: 'informational',
    status: 'success',
    message: `events up to number ${through} are stored`,
    unmapped: { through, before, waiting },
  });

/** A server's health changed. */
export const healthOf = ({ resourceId, state, why, leftOut, flapping }: ResourceHealthChanged): Draft => {
  const healthy = state === 'healthy';
  return draft({
    of: 'base_event',
    activity: 'health',
    severity: healthy ? 'informational' : 'medium',
    status: healthy ? 'success' : 'failure',
    message: `server ${resourceId} is ${state}`,
    attributes: present({ status_code: state, status_detail: why }),
    unmapped: present({ resourceId, state, leftOut, flapping }) ?? {},
  });
};

/** A fact that is malformed or not credible. Nothing that it says is repeated; the reason is Sluice's own. */
export const malformedOf = (reason: string, sha256: string, size: number): Draft =>
  draft({
    of: 'base_event',
    activity: 'malformed',
    severity: 'medium',
    message: 'a fact that is malformed or not credible',
    attributes: {
      status_detail: reason,
      raw_data_hash: { algorithm_id: 3, algorithm: 'SHA-256', value: sha256 },
      raw_data_size: size,
    },
  });

/** A fact that this release cannot convert: of a kind that it does not know, or too long. */
export const otherOf = (message: string, unmapped: Attributes = {}): Draft =>
  draft({ of: 'base_event', activity: 'other', severity: 'informational', message, unmapped });

import { AUTHORITY_STATES, AUTHORITY_STEPS } from '@sluice/domain';
import { z } from 'zod';
import { ADMINISTRATORS, operation, READERS } from '../operation.js';
import { AuthorityRecord } from './authority-record.js';

/** How many of those that a rotation waits for are listed. */
export const MAX_AWAITED = 100;

const AwaitedOfAuthority = z.object({
  kind: z.enum(['gateway', 'relay', 'agent', 'cluster key', 'enrolment token', 'services']),
  name: z.string().meta({ description: 'of a node; the e-mail of who runs an agent; the cluster of a key' }),
  lastSeenAt: z.string().nullable(),
  why: z.string(),
  blocks: z.boolean().meta({ description: 'whether the next step is refused for it; others are only told' }),
});

/** The authorities of the installation, and what the next step of a rotation waits for. */
export const Authorities = z
  .object({
    authorities: z
      .array(
        AuthorityRecord.extend({
          fingerprint: z.string().meta({ description: 'SHA-256 of the certificate (DER), in hexadecimal' }),
          state: z.enum(AUTHORITY_STATES),
          preparedAt: z.string(),
          switchedAt: z.string().nullable().meta({ description: 'when it began to sign; null for the first and the next one' }),
          expiresAt: z.string(),
        }),
      )
      .meta({ description: 'oldest first' }),
    step: z.enum(AUTHORITY_STEPS).meta({ description: 'the step that can be done next' }),
    nodes: z
      .object({ ready: z.int(), all: z.int() })
      .meta({ description: 'nodes that are online, and how many of them the next step does not wait for' }),
    agents: z.object({ ready: z.int(), all: z.int() }).meta({ description: 'the same of running agents' }),
    awaited: z.array(AwaitedOfAuthority).max(MAX_AWAITED),
    awaitedCount: z.int(),
  })
  .meta({ id: 'Authorities' });
/** The authorities of the installation, and what the next step of a rotation waits for. */
export type Authorities = z.infer<typeof Authorities>;

const force = z.boolean().default(false).meta({ description: 'do it although it is in use' });

export const showAuthorities = operation({
  id: 'authorities.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show the certificate authorities of the installation, and what the next step of their rotation waits for',
  method: 'GET',
  path: '/authorities',
  input: z.strictObject({}),
  output: Authorities,
});

export const prepareAuthority = operation({
  id: 'authorities.prepare',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Make the next certificate authority. Nodes and agents get it, and trust it from then on; the present one still signs',
  method: 'POST',
  path: '/authorities/prepare',
  input: z.strictObject({}),
  output: Authorities,
});

export const switchAuthority = operation({
  id: 'authorities.switch',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary:
    'Let the next certificate authority sign. Nodes and agents renew their certificates; those of the former one are still accepted',
  method: 'POST',
  path: '/authorities/switch',
  input: z.strictObject({ force }),
  output: Authorities,
});

export const retireAuthority = operation({
  id: 'authorities.retire',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Retire the former certificate authority: nothing of it is accepted any more',
  method: 'POST',
  path: '/authorities/retire',
  input: z.strictObject({ force }),
  output: Authorities,
});

import type { KeyObject } from 'node:crypto';
import { ProblemError } from '@sluice/contracts';
import { readPublicKey } from '@sluice/identity';

/** Parses a public key that is to be certified: PEM (SPKI) on the curve P-256. @throws ProblemError 422 for anything else */
export function parsePublicKey(pem: string): KeyObject {
  const key = readPublicKey(pem);
  if (key) return key;
  const message = 'the public key must be PEM (SPKI) on the curve P-256';
  throw new ProblemError(422, 'public_key_invalid', message, { field: 'publicKey' });
}

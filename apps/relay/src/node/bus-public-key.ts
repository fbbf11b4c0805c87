import { fromSeed } from '@nats-io/nkeys';

/** The public key of a bus user, by which the registry signs it, from its seed. */
export const busPublicKey = (seed: string): string => fromSeed(new TextEncoder().encode(seed)).getPublicKey();

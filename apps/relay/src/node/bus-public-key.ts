import { fromSeed } from '@nats-io/nkeys';

/** Derives the public key of a bus user from its seed. The registry issues the user's credentials for this key. */
export const busPublicKey = (seed: string): string => fromSeed(new TextEncoder().encode(seed)).getPublicKey();

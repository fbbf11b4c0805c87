/**
 * NATS as the services use it. One connection (`Bus`) carries three kinds of message, each with its own guarantee:
 *
 *   operations   request ──► one service ──► reply      at most once, with a deadline; `bus-strategy.ts` is the server's side
 *   facts        publish ──► JetStream ──► ack          stored: `FactChain` numbers them, and publishes each until JetStream has it
 *   policy       put ──► bucket ──► watchers            the present state: read completely, then watched
 *
 * Subjects and permissions are in `@sluice/contracts`; `@sluice/messaging/nest` is the entry point of Nest services.
 */
export { forgetKey, listBuckets, makeBucket, readBucket, readKey, removeBucket } from './bucket/bucket.js';
export { type BucketListener, watchBucket } from './bucket/watch-bucket.js';
export { Budgets } from './budgets.js';
export { Bus } from './bus/bus.js';
export { FactChain, type PendingFact, type ServiceFact, type SignHead } from './facts/fact-chain.js';
export { PolicyReplica } from './policy/policy-replica.js';

export { type Asker, Bus, type BusOptions } from './bus.js';
export { type BucketEntry, forgetKey, listBuckets, makeBucket, readBucket, removeBucket } from './bucket.js';
export { Budgets } from './budgets.js';
export { FactChain, type KeptFact, type ServiceFact } from './fact-chain.js';
export { type BucketListener, watchBucket } from './watch-bucket.js';

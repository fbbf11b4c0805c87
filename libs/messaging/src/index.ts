export { type Asker, Bus, type BusOptions } from './bus.js';
export { actorOf, Answers, BusStrategy, type Call, type IdentifyActor, type OnFault, PassThroughFilter } from './bus-strategy.js';
export { type BucketListener, watchBucket } from './watch-bucket.js';

export { type Asker, Bus, type BusOptions } from './bus.js';
export { type BucketListener, watchBucket } from './watch-bucket.js';

export { type Asker, Bus, type BusOptions } from './bus.js';
export { type BucketEntry, makeBucket, readBucket } from './bucket.js';
export { type BucketListener, watchBucket } from './watch-bucket.js';

export { ended, freePort, stopChild } from './child.js';
export { keptSecret, prepareHome, StartError, unreachableFolder } from './home.js';
export { natsConfig, type RunningNats, startNats } from './nats.js';
export { type RunningPostgres, startPostgres } from './postgres.js';

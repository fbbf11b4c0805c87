export { ended, freePort, stopChild } from './child.js';
export { checkHome, defaultHome, keptSecret, StartError } from './home.js';
export { FIRST_ADMIN_EMAIL, Installation, type InstallationOptions, type StoreServer } from './installation.js';
export { natsConfig, type RunningNats, startNats } from './nats.js';
export { type RunningPostgres, startPostgres } from './postgres.js';
export { ServiceProcess } from './service-process.js';

// The third door of this library: who may use the bus. It loads the NATS JWT library.
export { type BusKeys, type BusPermissionSet, busServerConfig, createBusKeys, issueBusUser } from './authority/bus-authority.js';

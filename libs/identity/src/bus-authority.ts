// The third door of this library: who may use the bus. It loads the NATS JWT library.
export {
  type BusPermissionSet,
  busServerConfig,
  type Crossing,
  formatCredentials,
  issueBusUser,
  makeAccountSeed,
} from './authority/bus-authority.js';

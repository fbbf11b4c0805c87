// The third entry point of this library: who may use the bus. It loads the NATS JWT library.
export {
  type BusUser,
  busServerConfig,
  formatCredentials,
  issueBusUser,
  makeAccountSeed,
  makeAccountSeeds,
  makeBusUser,
  makeReader,
  makeSystemAccount,
  publicKeyOf,
  type ReaderSigner,
  readerSigner,
} from './authority/bus-authority.js';

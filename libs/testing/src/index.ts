/**
 * Real systems for tests, in folders and on ports of their own. Nothing here is a mock.
 *
 *   TestStores    PostgreSQL and NATS alone, with schemas, roles and bus users: the spec runs the service that it tests
 *   startSystem   stores and every service, each a process: e2e/global-setup.ts starts one that most e2e specs share
 *     └─ TestSystem   that system as its first administrator uses it: adds users and servers, waits for records
 *          └─ TestUser    an account with a folder and the `sluice` command, whose agent runs as a real process
 *
 * The samples are facts as relays publish them. `checkOcsfEvent` compares an event with the OCSF schema. `OpenHandles` shows what a stopped service has left open.
 */
export { checkOcsfEvent, ocsfSchema } from './check-ocsf-event.js';
export { engineHasImages } from './container-stores.js';
export { testFolder } from './test-folder.js';
export { OpenHandles } from './open-handles.js';
export { TestStores } from './test-stores.js';
export { handleOf, startSystem, stopSystem, type SystemHandle, TestSystem, unique } from './test-system.js';
export { type CommandResult, TestUser } from './test-user.js';
export { sampleClosed, sampleFact, sampleOpened, sampleRefused } from './sample-facts.js';

/**
 * A real system for tests, on ports of its own: stores, services, a user with a command line. Nothing here is a mock.
 */
export { engineHasImages } from './container-stores.js';
export { testFolder } from './test-folder.js';
export { OpenHandles } from './open-handles.js';
export { TestStores } from './test-stores.js';
export { handleOf, startSystem, stopSystem, type SystemHandle, TestSystem, unique } from './test-system.js';
export { type Said, TestUser } from './test-user.js';
export { sampleClosed, sampleFact, sampleOpened, sampleRefused } from './sample-facts.js';

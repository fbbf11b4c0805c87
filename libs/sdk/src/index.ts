/**
 * The typed client of Sluice's API. Paths and bodies are generated from the operations of `@sluice/contracts`
 * (`npm run openapi`); the client adds the token, reads lists of many pages, and throws errors that explain a problem.
 */
export type { components, paths } from './api.gen.js';
export {
  ApiError,
  checkServer,
  collect,
  createSluiceClient,
  type Schemas,
  type SluiceClient,
  type SluiceOptions,
  tokenOf,
  unwrap,
} from './client.js';

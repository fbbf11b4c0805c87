/**
 * The typed client of Sluice's API, for programs, the command line and the console.
 *
 *   operations of `@sluice/contracts` ── npm run openapi ──► openapi.json ──► api.gen.ts: paths, inputs, responses
 *   createSluiceClient({ server, token }) ──► client.GET('/api/v1/servers') ──► { data } or { error }
 *                                                    └── unwrap ──► data, or an ApiError with status, code, field and value
 *
 * The client adds the token and a timeout, and sends nothing over plain HTTP to another machine. `collect` reads a list of many
 * pages. A request that never reached Sluice fails with an `ApiError` too: status 0, and a message that says what went wrong.
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

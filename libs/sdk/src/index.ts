export type { components, paths } from './api.gen.js';
export {
  ApiError,
  checkServer,
  collect,
  createSluiceClient,
  type Schemas,
  type SluiceClient,
  type SluiceOptions,
  unwrap,
} from './client.js';

import { z } from 'zod';
import { milliseconds } from './configuration.js';
import { readEnvironment } from './read-environment.js';

const Variables = z.object({
  SLUICE_PROFILE_FOLDER: z.string().optional(),
  SLUICE_PROFILE_SECONDS: z.coerce.number().min(1).max(60).default(10),
});

/** Where profiles are written, and how long one takes. */
export interface ProfileSettings {
  /** Undefined if no profiles are to be written. */
  readonly folder: string | undefined;
  readonly durationMs: number;
}

/** Reads the settings of profiles from the environment. @throws ConfigError */
export function readProfileSettings(env: NodeJS.ProcessEnv): ProfileSettings {
  const { SLUICE_PROFILE_FOLDER: folder, SLUICE_PROFILE_SECONDS: seconds } = readEnvironment(Variables, env);
  return { folder, durationMs: milliseconds(seconds) };
}

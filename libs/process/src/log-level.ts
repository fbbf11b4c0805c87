import { z } from 'zod';
import { readEnvironment } from './read-environment.js';

/** From which severity on a process logs; `silent` logs nothing. */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Schema of `SLUICE_LOG_LEVEL`. */
export const logLevel = z.enum(LOG_LEVELS, { error: `is one of ${LOG_LEVELS.join(', ')}` }).default('info');

/** Reads the level from the environment. @throws ConfigError if there is no such level */
export const readLogLevel = (env: NodeJS.ProcessEnv): LogLevel =>
  readEnvironment(z.object({ SLUICE_LOG_LEVEL: logLevel }), env).SLUICE_LOG_LEVEL;

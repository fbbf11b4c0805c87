import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './read-environment.js';

const Credentials = z.object({ jwt: z.string(), seed: z.string(), ca: z.string().optional() });
/** A service's user of the bus, and the authority of the bus's certificate (PEM). Secret. */
export type BusCredentials = z.infer<typeof Credentials>;

/** Reads the file that holds a service's user of the bus. @throws ConfigError */
export function readBusCredentials(file: string): BusCredentials {
  try {
    return Credentials.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new ConfigError(`SLUICE_BUS_CREDENTIALS_FILE: ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

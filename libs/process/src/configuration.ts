import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readEnvironment } from './read-environment.js';

/** Settings of a process by their name in the code: the variable that each is read from, and its schema. */
type Settings = Readonly<Record<string, readonly [variable: string, schema: z.ZodType]>>;

type ValuesOf<S extends Settings> = { readonly [K in keyof S]: z.output<S[K][1]> };

/** A rule about several settings together. The message is reported for the variable. */
interface Rule<V> {
  readonly variable: string;
  readonly message: string;
  holds(values: V): boolean;
}

/**
 * The base class of a process's configuration, in which every setting is defined once. It is read from an environment.
 *
 *   class RelayConfig extends configuration({ drainMs: ['SLUICE_DRAIN_SECONDS', seconds] }) {}
 *   new HealthConfig(process.env).probeMs     @throws ConfigError naming all problems
 */
export function configuration<const S extends Settings>(
  settings: S,
  rules: readonly Rule<ValuesOf<S>>[] = [],
): new (env: NodeJS.ProcessEnv) => ValuesOf<S> {
  const named = (given: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(settings).map(([name, [variable]]) => [name, given[variable]])) as ValuesOf<S>;
  const schema = z.object(Object.fromEntries(Object.values(settings))).superRefine((given, context) => {
    for (const { variable, message, holds } of rules)
      if (!holds(named(given))) context.addIssue({ code: 'custom', path: [variable], message });
  });
  return class {
    constructor(env: NodeJS.ProcessEnv) {
      Object.assign(this, named(readEnvironment(schema, env)));
    }
  } as new (env: NodeJS.ProcessEnv) => ValuesOf<S>;
}

/** Schema of a list separated by commas. */
export const list = z
  .string()
  .min(1)
  .transform((text) => text.split(','));

/** Schema of a setting that names a file. The value is the file's content without surrounding space. */
export const fileContent = z.string().transform((file, context): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    context.addIssue(`cannot be read: ${(error as Error).message}`);
    return z.NEVER;
  }
});

/** Turns a setting in seconds, which may have a fraction, into whole milliseconds: messages to other processes have no fractions. */
export const milliseconds = (seconds: number): number => Math.round(seconds * 1000);

import { readFileSync } from 'node:fs';
import { parseHostPort } from '@sluice/domain';
import { z } from 'zod';

/** Thrown for an invalid environment; the message lists every problem on a separate line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Validates the environment with a schema, once, at start. Empty variables are treated as absent. @throws ConfigError naming all problems */
export function readEnvironment<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in schema.shape && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '');
    const value = given[name];
    const secret = /PASSWORD|SECRET|TOKEN|KEY|SEED|DATABASE_URL|EXPORT_URL/.test(name);
    if (value === undefined) return `  ${name}: ${issue.code === 'custom' ? issue.message : 'is not set'}`;
    return `  ${name}: ${issue.message}${secret ? '' : ` (it is "${value}")`}`;
  });
  throw new ConfigError(`the configuration is invalid:\n${lines.join('\n')}`);
}

/** Schema of `host:port` (IPv6 in brackets). The value has both parts. */
export const hostPort = z
  .string()
  .refine((text) => parseHostPort(text) !== undefined, 'is not host:port')
  .transform((text) => splitHostPort(text));

/** Schema of the address of `/livez`, `/readyz` and `/metrics`: loopback, any port, unless configured otherwise. */
export const operationsAddress = hostPort.default({ host: '127.0.0.1', port: 0 });

/** Reads a secret from the file that a variable names, as is usual in containers. @throws ConfigError */
export function readSecretFile(variable: string, file: string | undefined): string {
  if (file === undefined) throw new ConfigError(`${variable.replace(/_FILE$/, '')} or ${variable} is needed`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${variable}: ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Splits `host:port`, and removes brackets around IPv6. @throws Error for anything else */
export function splitHostPort(text: string): { host: string; port: number } {
  const parts = parseHostPort(text);
  if (parts === undefined) throw new Error(`"${text}" is not host:port`);
  return parts;
}

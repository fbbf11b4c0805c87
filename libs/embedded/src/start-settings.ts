import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { parseBlock } from '@sluice/domain';
import { logLevel, nodeRuntime, readEnvironment } from '@sluice/process';
import { z } from 'zod';
import { checkHome } from './home.js';

/** Turns a check that throws into a rule of a schema, with the error's message. */
const checked = <T>(check: (text: string) => T) =>
  z.string().transform((text, context): T => {
    try {
      return check(text);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });

const number = (digits: RegExp, min: number, max: number, what: string) =>
  z
    .string()
    .refine((text) => digits.test(text) && Number(text) >= min && Number(text) <= max, `is ${what}`)
    .transform(Number);

const port = (preset: string) => number(/^\d{1,5}$/, 1, 65_535, 'a port from 1 to 65535').default(Number(preset));

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `is a URL that begins with ${protocols[0]}//`,
    );

const blocks = z
  .string()
  .refine(
    (text) => text.split(',').every((part) => part.trim() === '' || parseBlock(part.trim()) !== undefined),
    'is a list of addresses or blocks such as 10.0.0.0/8,fd00::/8',
  );

const seconds = { SLUICE_DRAIN_SECONDS: number(/^\d+(\.\d+)?$/, 0, 86_400, 'a number of seconds up to 86400').default(30) };
const home = {
  SLUICE_HOME: checked((text) => {
    checkHome(text);
    return path.resolve(text);
  }).optional(),
  SLUICE_NODE: checked((text) => {
    nodeRuntime(text);
    return text;
  }).optional(),
};

const StartEnvironment = z
  .object({
    ...home,
    ...seconds,
    SLUICE_HTTP_PORT: port('8080'),
    SLUICE_TUNNEL_PORT: port('8443'),
    SLUICE_LOG_BYTES: number(/^\d{1,12}$/, 100, 1e12, 'a number of bytes of at least 100').optional(),
    SLUICE_LOG_LEVEL: logLevel,
    SLUICE_AUDIT_STREAM_BYTES: number(/^\d{1,15}$/, 1, 1e15, 'a number of bytes').optional(),
    SLUICE_AUDIT_OCSF_BYTES: number(/^\d{1,15}$/, 1, 1e15, 'a number of bytes').optional(),
    SLUICE_EGRESS_ALLOW: blocks.optional(),
    SLUICE_EGRESS_DENY: blocks.optional(),
    DATABASE_URL: url('postgres:', 'postgresql:').optional(),
    NATS_URL: url('nats:', 'tls:').optional(),
    NATS_SERVER_BIN: checked((file) => {
      accessSync(file, constants.X_OK);
      return file;
    }).optional(),
  })
  .superRefine(({ SLUICE_HTTP_PORT: http, SLUICE_TUNNEL_PORT: tunnel }, context) => {
    if (http === tunnel)
      context.addIssue({ code: 'custom', path: ['SLUICE_TUNNEL_PORT'], message: 'is the same port as SLUICE_HTTP_PORT' });
  });

/** The settings of `npm start` in the environment. @throws ConfigError naming all problems */
export const readStartSettings = (env: NodeJS.ProcessEnv) => readEnvironment(StartEnvironment, env);

/** The settings of `npm run relay` and `npm run recover-admin` in the environment. @throws ConfigError naming all problems */
export const readSideSettings = (env: NodeJS.ProcessEnv) => readEnvironment(z.object({ ...home, ...seconds }), env);

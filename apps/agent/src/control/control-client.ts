import { type IncomingMessage, request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { parseJson, RELEASE_HEADER, upgradeNeeded } from '@sluice/domain';
import type { z } from 'zod';

/** No agent is running. */
export class NoAgentError extends Error {
  override readonly name = 'NoAgentError';
  constructor() {
    super('no agent is running; `sluice connect NAME` starts one');
  }
}

/** Sends a command to the running agent. @throws NoAgentError, or an Error with the agent's message */
export function askAgent<S extends z.ZodType>(
  socketPath: string,
  command: string,
  body: unknown,
  schema: S,
): Promise<z.infer<S>> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: `/${command}`, method: 'POST', timeout: 30_000 }, (response) =>
      readAnswer(response, schema).then(resolve, reject),
    );
    asking.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? new NoAgentError() : error),
    );
    asking.on('timeout', () => asking.destroy(new Error('the agent does not respond')));
    asking.end(JSON.stringify(body));
  });
}

async function readAnswer<S extends z.ZodType>(response: IncomingMessage, schema: S): Promise<z.infer<S>> {
  const text = await readText(response).catch((cause: unknown) => {
    throw new Error('the agent exited before its response was complete', { cause });
  });
  const answer = parseJson(text);
  if (response.statusCode !== 200)
    throw new Error((answer as { error?: string } | undefined)?.error ?? 'the agent rejected the command');
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const release = response.headers[RELEASE_HEADER];
  const why = upgradeNeeded('the agent', typeof release === 'string' ? release : undefined);
  throw new Error(`${why ?? 'the agent that is running is of another release'}: \`sluice agent stop\`, and connect again`, {
    cause: parsed.error,
  });
}

/** Whether an agent is running and responds. */
export function agentAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: '/', method: 'POST', timeout: 3000 }, (response) => {
      response.resume();
      resolve(true);
    });
    asking.on('error', () => resolve(false));
    asking.on('timeout', () => asking.destroy());
    asking.end();
  });
}

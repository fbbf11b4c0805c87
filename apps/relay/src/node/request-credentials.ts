import { NodeCredentials, Problem } from '@sluice/contracts';
import { cleanText, isLoopbackHost, parseJson, RELEASE, RELEASE_HEADER, upgradeNeeded } from '@sluice/domain';

const REQUEST_TIMEOUT_MS = 10_000;
/** Credentials have some kilobytes, more only where many authorities or gateways are named. */
const MAX_RESPONSE_BYTES = 256 * 1024;
/** Longest reason of a gateway that is logged, and given to agents and records as the reason why sessions end. */
const MAX_REASON = 300;

/** The API has refused a request, and repeating it would not help. `code` is that of the problem response. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/** Requests credentials from the API of a gateway. @throws RefusedError, or another Error when a later request may succeed */
export async function requestCredentials(gateway: string, path: string, body: unknown): Promise<NodeCredentials> {
  const url = new URL(`/api/v1${path}`, gateway);
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    throw new RefusedError(`${gateway} uses plain HTTP to another machine; use https`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [RELEASE_HEADER]: RELEASE },
    body: JSON.stringify(body),
    redirect: 'error', // the body contains the token, which must not be sent elsewhere
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${url.origin} does not answer: ${whyNot(error)}`, { cause: error });
  });
  const outdated = upgradeNeeded(url.origin, response.headers.get(RELEASE_HEADER) ?? undefined);
  if (outdated !== undefined) throw new RefusedError(outdated);
  const received = parseJson(await readText(response));
  if (response.ok) return credentialsOf(received, url);
  const problem = Problem.safeParse(received).data;
  const title = problem === undefined ? `HTTP ${response.status}` : cleanText(problem.title, MAX_REASON);
  throw response.status >= 500 ? new Error(title) : new RefusedError(title, problem?.code);
}

/** @throws Error that names one mistake of what may be hundreds of thousands, so that no gateway can fill the log */
function credentialsOf(received: unknown, url: URL): NodeCredentials {
  const parsed = NodeCredentials.safeParse(received);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(cleanText(`${url.origin} sent malformed credentials: ${issue?.path.join('.')}: ${issue?.message}`, MAX_REASON));
}

/** The body of a response. @throws Error if it breaks off, or is longer than any of a gateway that was not taken over */
async function readText({ body, url }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) throw new Error(`the response of ${url} has more than ${MAX_RESPONSE_BYTES} bytes`); // which ends the connection
  }
  return Buffer.concat(chunks).toString();
}

/** What is behind the "fetch failed" of Node. */
function whyNot(error: unknown): string {
  const { cause, message } = error as Error;
  if (cause instanceof AggregateError) return cause.errors.map((each) => (each as Error).message).join('; ');
  return cause instanceof Error ? cause.message : message;
}

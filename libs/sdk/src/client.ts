import { isLoopbackHost, parseJson, RELEASE, RELEASE_HEADER, upgradeNeeded } from '@sluice/domain';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.gen.js';
import { whyNoAnswer } from './no-answer.js';

/** Bodies of the API by name. */
export type Schemas = components['schemas'];

/** A request that the API rejected, or that did not reach it. `status` is 0 if Sluice did not respond. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string,
    readonly value?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** How to reach an installation. */
export interface SluiceOptions {
  /** URL of a gateway, such as `https://sluice.example.com`. Plain http is refused except to loopback. */
  readonly server: string;
  /** Token of a login. Secret. */
  readonly token?: string;
  /** Timeout of a request, in milliseconds. Default 15000. */
  readonly timeoutMs?: number;
}

/** Checks a server's URL. @throws ApiError unless it is https, or http to loopback */
export function checkServer(server: string): URL {
  let url: URL;
  try {
    url = new URL(server);
  } catch {
    throw new ApiError(0, 'server_invalid', `"${server}" is not a URL; it looks like https://sluice.example.com`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new ApiError(0, 'server_invalid', `"${server}" is not an http(s) URL`);
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new ApiError(
      0,
      'server_not_private',
      `${server} uses plain HTTP to another machine: passwords and tokens would be readable in transit; use https`,
    );
  }
  return url;
}

/** The typed client of the API: paths, inputs and responses as in the OpenAPI document. */
export type SluiceClient = Client<paths>;

/** Creates a client. Its calls return `{ data }` or `{ error }`; `unwrap` turns the latter into an `ApiError`. */
export function createSluiceClient(options: SluiceOptions): SluiceClient {
  const url = checkServer(options.server);
  return createClient<paths>({
    baseUrl: url.origin,
    headers: { [RELEASE_HEADER]: RELEASE, ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }) },
    fetch: (request) => ask(url, request, options.timeoutMs ?? 15_000),
  });
}

/** Sends a request and reads the whole response, so that every failure on the way is reported in the same form. @throws ApiError */
async function ask(url: URL, request: Request, timeoutMs: number): Promise<Response> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(request, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    text = await answer.text();
  } catch (cause) {
    throw new ApiError(0, 'no_answer', whyNoAnswer(url, cause, timeoutMs), undefined, undefined, { cause });
  }
  if (!isJson(answer, text)) {
    const what = `${url.origin} responds with HTTP ${answer.status}, but not as Sluice does`;
    throw new ApiError(0, 'not_sluice', `${what}: is this the address of a gateway?`);
  }
  const outdated = upgradeNeeded(url.origin, answer.headers.get(RELEASE_HEADER) ?? undefined);
  if (outdated !== undefined) throw new ApiError(0, 'upgrade_needed', outdated);
  return new Response(text, { status: answer.status, headers: answer.headers });
}

function isJson(answer: Response, text: string): boolean {
  return /\bjson\b/.test(answer.headers.get('content-type') ?? '') && parseJson(text) !== undefined;
}

/** The data of a response. @throws ApiError with the message of the problem */
export async function unwrap<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok && data !== undefined) return data;
  const problem = (typeof error === 'object' && error !== null ? error : {}) as Partial<Schemas['Problem']>;
  throw new ApiError(
    response.status,
    problem.code ?? 'unknown',
    problem.title ?? `HTTP ${response.status}`,
    problem.field,
    problem.value,
  );
}

/** The token of a login. Secret. @throws ApiError if the response has none */
export function tokenOf(login: Schemas['Login']): string {
  if (login.token !== undefined) return login.token;
  throw new ApiError(
    0,
    'no_token',
    'the sign-in succeeded, but the response has no token: something on the way to the gateway adds the header sluice-login: cookie',
  );
}

/** Reads a complete list, page by page. */
export async function collect<T>(
  readPage: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor?: string | undefined }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

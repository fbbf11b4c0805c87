import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { cleanText } from '@sluice/domain';
import { RetryLaterError } from '../destination/destination.js';

/** More of a response is not read. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
/** How much of a response is shown in a message. */
const EXCERPT_LENGTH = 200;
/** The longest time that a server can ask to be left alone, in milliseconds. */
const LONGEST_WAIT_MS = 300_000;

/** How a server is reached. */
export interface HttpOptions {
  readonly url: URL;
  /** Authorities (PEM) that may have signed the server's certificate; by default those that Node trusts. */
  readonly ca?: string | undefined;
  /** A certificate of our own and its key (PEM), if the server asks for one. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  /** Time limit of a request until its response is complete, in milliseconds. */
  readonly timeoutMs: number;
  /** Texts that are never shown, even if the server repeats them. */
  readonly secrets: readonly string[];
}

/** What a server responded. */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
  /** The response in a few words, for a message. */
  readonly words: string;
}

/**
 * Sends requests to one server, one at a time over a connection that is kept. Redirects are not followed: what is sent there is
 * meant for the configured server alone. A certificate is always verified.
 */
export class HttpSender {
  private readonly agent: PlainAgent | TlsAgent;

  constructor(private readonly options: HttpOptions) {
    const kept = { keepAlive: true, maxSockets: 1 };
    const { ca, certificate } = options;
    this.agent = options.url.protocol === 'https:' ? new TlsAgent({ ...kept, ca, ...certificate }) : new PlainAgent(kept);
  }

  /** The server, for people: without path and query, which can be secret. */
  get name(): string {
    return this.options.url.origin;
  }

  /**
   * Sends a request with a body. @param path below the server's URL, if it is not that of the URL
   * @throws RetryLaterError if the server asks to be left alone, any other error if there was no complete response in time
   */
  async send(
    method: 'POST' | 'PUT',
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    url: URL = this.options.url,
  ): Promise<HttpResponse> {
    const { timeoutMs } = this.options;
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.exchange(method, url, body, headers, AbortSignal.any([deadline, signal]));
      const { statusCode: status = 0, headers: received } = response;
      const text = await bodyOf(response);
      const words = `${status}${text === '' ? '' : `: ${this.excerpt(text)}`}`;
      const wait = status === 429 || status === 503 ? waitOf(received['retry-after']) : undefined;
      if (wait !== undefined) throw new RetryLaterError(`the server responded ${words}`, wait);
      return { status, body: text, words };
    } catch (error) {
      if (deadline.aborted) throw new Error(`no complete response within ${timeoutMs / 1000} s`, { cause: error });
      throw error;
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private exchange(
    method: string,
    url: URL,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const length = String(Buffer.byteLength(body));
    return new Promise((resolve, reject) => {
      request(url, { method, agent: this.agent, signal, headers: { ...headers, 'content-length': length } })
        .once('response', resolve)
        .once('error', reject)
        .once('upgrade', (_response, socket) => {
          socket.destroy();
          reject(new Error('the server switched to another protocol'));
        })
        .once('close', () => reject(new Error('the connection was closed without a response')))
        .end(body);
    });
  }

  /** What a server said, short and without our secrets, for a message. */
  excerpt(text: string): string {
    const shown = this.options.secrets.reduce((rest, secret) => rest.replaceAll(secret, '[cut]'), text);
    return cleanText(shown.replace(/\s+/g, ' '), EXCERPT_LENGTH);
  }
}

/** The body of a response, as far as it is read. */
async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_RESPONSE_BYTES) break; // which ends the connection
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_RESPONSE_BYTES);
}

/** `Retry-After` in seconds, as milliseconds; undefined if it says none. Times of day are not read, because clocks differ. */
function waitOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Math.min(LONGEST_WAIT_MS, Number(header) * 1000) : undefined;
}

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Problem, ProblemError } from '@sluice/contracts';
import type { FastifyInstance } from 'fastify';

/** How long a client may continue to send what nobody reads, so that the answer is not lost to a reset, in milliseconds. */
const LINGER_MS = 1000;

/** What Node reports, and how it is answered. Everything else is 400. */
const ANSWERS: Readonly<Record<string, readonly [status: number, reason: string, title: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'the head of the request is larger than 16 KiB; in a browser, remove the cookies of this address',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large', 'the chunk extensions of the request are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request did not arrive in time'],
};
const MALFORMED = [400, 'Bad Request', 'this is not a well-formed HTTP request'] as const;

/** Answers what Node could not read as a request with a problem, and closes the connection. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return void socket.destroy();
  if (!socket.writable) return; // it is answered already, and what still arrives is malformed too
  const [status, reason, title] = ANSWERS[error.code ?? ''] ?? MALFORMED;
  const problem: Problem = { type: 'about:blank', status, code: 'invalid_request', title, requestId: randomUUID() };
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    `x-request-id: ${problem.requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Refuses HTTP/1.1 without `Host`, which Node would do without saying why. Its hook applies to routes that are added after it. */
export function requireHost(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const isMissing = request.headers.host === undefined && request.raw.httpVersion === '1.1';
    done(isMissing ? new ProblemError(400, 'invalid_request', 'the request has no Host header') : undefined);
  });
}

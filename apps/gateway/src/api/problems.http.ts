import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type Problem, ProblemError } from '@sluice/contracts';
import { Log } from '@sluice/process';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** Answers a request with the problem that an error stands for. Internal errors are logged; their message is not sent to the client. */
export function answerProblem(error: Error, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const problem = problemOf(error, request);
  if (problem.status >= 500) log.error({ err: error, requestId: request.id }, 'a request failed');
  if (problem.retryAfter !== undefined) void reply.header('retry-after', String(problem.retryAfter));
  void reply
    .status(problem.status)
    .header('x-request-id', request.id)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

function problemOf(error: Error, request: FastifyRequest): Problem {
  if (error instanceof ProblemError) return { ...error.problem, requestId: request.id };
  const given = error instanceof HttpException ? error.getStatus() : (error as FastifyError).statusCode;
  const status = given !== undefined && given >= 400 && given < 500 ? given : 500;
  const base = { type: 'about:blank', status, requestId: request.id } as const;
  if (status === 404)
    return { ...base, code: 'not_found', title: `there is nothing at ${request.method} ${request.url.slice(0, 200)}` };
  if (status === 500)
    return { ...base, code: 'fault', title: 'this failed inside Sluice; the log of the gateway has more under the request id' };
  return { ...base, code: 'invalid_request', title: error.message };
}

/** Answers errors outside our own routes, such as an unknown path, with a problem too. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: Error, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.log);
  }
}

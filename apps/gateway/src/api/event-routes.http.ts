import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { EVENTS_PATH, EVERYONE, identifyActor, ProblemError, unauthenticated } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import { Budgets, Bus } from '@sluice/messaging';
import { Log } from '@sluice/process';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EventStreams } from '../events/event-streams.js';
import { callerToken } from '../login/caller-token.js';
import { LoginCookie } from '../login/login-cookie.js';
import { ClientAddress } from '../client/client-address.js';
import { answerProblem } from './problems.http.js';

/** How often streams may be opened in a minute: by one account, and from one address whatever it shows. */
const OPENED = { id: 'events.watch', callers: EVERYONE, budget: 240 } as const;
const ASKED = { id: 'events.watch', callers: 'anybody', budget: 2400 } as const;

/** The event stream. The gateway asks the registry whose token it is, and the stream shows no more than ids. */
@Injectable()
export class EventRoutes implements OnModuleInit {
  private readonly budgets = new Budgets();
  private readonly cookie: LoginCookie;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly bus: Bus,
    private readonly clients: ClientAddress,
    private readonly streams: EventStreams,
    private readonly log: Log,
  ) {
    this.cookie = new LoginCookie(clients);
  }

  onModuleInit(): void {
    const errorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply, this.log);
    this.host.httpAdapter
      .getInstance<FastifyInstance>()
      .get(EVENTS_PATH, { errorHandler, exposeHeadRoute: false }, (request, reply) => this.watch(request, reply));
  }

  private async watch(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const clientAddress = this.clients.ofRequest(request);
    this.budgets.spend(ASKED, addressKey(clientAddress));
    const { token, fromCookie } = callerToken(request, reply, OPENED, this.cookie, this.clients);
    if (token === undefined) throw unauthenticated();
    const called = { token, requestId: request.id, clientAddress };
    const actor = await this.bus.call(identifyActor, {}, called).catch((error: unknown) => {
      if (fromCookie && error instanceof ProblemError && error.problem.status === 401) this.cookie.clear(request, reply);
      throw error;
    });
    this.budgets.spend(OPENED, actor.accountId);
    this.streams.assertRoomFor(actor.accountId);
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // a proxy that collects an answer would never hand this one on
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
      connection: 'close',
    };
    reply.hijack();
    reply.raw.writeHead(200, headers as Record<string, string>);
    this.streams.open({ actor, ...called }, reply.raw, lastEventId(request));
  }
}

/** The last message that the browser has seen: it sends the id itself when it reconnects; a page that opens a new stream sends it in the query. */
function lastEventId({ headers, query }: FastifyRequest): string | undefined {
  const given = headers['last-event-id'] ?? (query as Record<string, unknown>)['lastEventId'];
  return typeof given === 'string' && given !== '' ? given.slice(0, 200) : undefined;
}

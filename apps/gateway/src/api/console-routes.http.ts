import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ProblemError } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import { Budgets } from '@sluice/messaging';
import { Log } from '@sluice/process';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayConfig } from '../config.js';
import { readConsolePage } from '../console/console-page.js';
import { LoginCookie } from '../login/login-cookie.js';
import { ClientAddress } from '../client/client-address.js';
import { answerProblem } from './problems.http.js';

/** The page needs no login; each address has the budget of other calls that need none, and a larger one for the files of the page. */
const PAGE = { id: 'console', callers: 'anybody' } as const;
const FILES = { id: 'console files', callers: 'anybody', budget: 6000 } as const;
/** Paths under which no page of the console is. */
const OTHERS = /^\/(api|install|assets|livez|readyz)(\/|$|\?)/;

/**
 * The console: its page at `/` and at every path that a browser opens and nothing else is at, because the page itself decides
 * what it shows there; and its files under `/assets/`, whose names change with their content.
 */
@Injectable()
export class ConsoleRoutes implements OnModuleInit {
  private readonly budgets = new Budgets();
  private readonly login: LoginCookie;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly clients: ClientAddress,
    private readonly log: Log,
    private readonly config: GatewayConfig,
  ) {
    this.login = new LoginCookie(clients);
  }

  /** Makes the routes, for HEAD too. */
  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const errorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply, this.log);
    server.get('/', { errorHandler }, (request, reply) => this.answerPage(request, reply));
    server.get('/*', { errorHandler }, (request, reply) => {
      if (!isNavigation(request)) return void reply.callNotFound();
      return this.answerPage(request, reply);
    });
    const { console: folder } = this.config;
    if (folder !== undefined)
      void server.register((scope) => this.serveFiles(scope, path.resolve(folder, 'assets'), errorHandler));
  }

  private async serveFiles(
    scope: FastifyInstance,
    root: string,
    errorHandler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void,
  ): Promise<void> {
    scope.setErrorHandler(errorHandler);
    scope.addHook('onRequest', async (request) => this.spend(FILES, request));
    await scope.register(fastifyStatic, {
      root,
      prefix: '/assets/',
      decorateReply: false,
      suppressWarning: true, // the console may be built later
      preCompressed: true,
      index: false,
      dotfiles: 'ignore',
      immutable: true,
      maxAge: '365d',
      setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
    });
  }

  /** @throws ProblemError if no console has been built, or an address asks too often */
  private async answerPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    this.spend(PAGE, request);
    const hasNoLogin = sendsItsCookies(request) && this.login.valuesIn(request).length === 0;
    const page = await readConsolePage(this.config.console, hasNoLogin);
    if (page === undefined)
      throw new ProblemError(
        404,
        'console_not_built',
        'this gateway has no console: `npm run build` makes it in a checkout, and SLUICE_CONSOLE names its folder. The API is at /api/v1, the agent at /install',
      );
    return reply
      .type('text/html; charset=utf-8')
      .headers({
        'cache-control': 'no-store',
        'content-security-policy': page.contentSecurityPolicy,
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .send(page.html);
  }

  private spend(budget: typeof PAGE | typeof FILES, request: FastifyRequest): void {
    this.budgets.spend(budget, addressKey(this.clients.ofRequest(request)));
  }
}

/** Whether the browser sends the cookie of its login with a request if it has one: it does not if the person follows a link of another site. */
const sendsItsCookies = ({ headers }: FastifyRequest): boolean =>
  ['none', 'same-origin', 'same-site'].includes(String(headers['sec-fetch-site']));

/** Whether a browser opens a page: it asks for HTML then, and for whatever there is otherwise. */
const isNavigation = ({ url, headers }: FastifyRequest): boolean =>
  !OTHERS.test(url) && (headers.accept ?? '').includes('text/html');

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ProblemError } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import { Budgets } from '@sluice/messaging';
import { Log } from '@sluice/process';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayConfig } from '../config.js';
import { type AgentPackage, readAgentPackage } from '../install/agent-package.js';
import { installHtml, installText } from '../install/install-page.js';
import { ClientAddress } from '../client/client-address.js';
import { answerProblem } from './problems.http.js';

/** Downloads need no login, so each address has the same budget for them as for other calls without a login. */
const INSTALL = { id: 'install', callers: 'anybody' } as const;
/** A host that may safely appear in a command that somebody copies; the `Host` header is chosen by the client. */
const HOST = /^([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])(:\d{1,5})?$/i;

const originOf = (request: FastifyRequest, clients: ClientAddress): string =>
  HOST.test(request.host) ? `${clients.protocolOf(request)}://${request.host}` : 'https://GATEWAY';

/** Serves what is needed to install the agent: a page with the commands, and the package. The routes are fixed: no path comes from the client. */
@Injectable()
export class InstallRoutes implements OnModuleInit {
  private readonly agent: AgentPackage | undefined;
  private readonly budgets = new Budgets();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly clients: ClientAddress,
    private readonly log: Log,
    config: GatewayConfig,
  ) {
    this.agent = readAgentPackage(config.agentPackage);
  }

  /** Adds the routes, for GET and HEAD. */
  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const errorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply, this.log);
    const route = (url: string, answer: (agent: AgentPackage, request: FastifyRequest, reply: FastifyReply) => FastifyReply) =>
      server.get(url, { errorHandler, exposeHeadRoute: true }, (request, reply) => answer(this.admit(request), request, reply));
    for (const url of ['/install', '/install/'])
      route(url, (agent, request, reply) => page(agent, originOf(request, this.clients), request, reply));
    route('/install/sluice-agent.tgz', file);
  }

  /** @throws ProblemError when there is no package, or when an address exceeds its budget */
  private admit(request: FastifyRequest): AgentPackage {
    this.budgets.spend(INSTALL, addressKey(this.clients.ofRequest(request)));
    if (this.agent) return this.agent;
    throw new ProblemError(
      404,
      'agent_not_packaged',
      'this gateway has no agent package: `npm run build` makes it in a checkout, and SLUICE_AGENT_PACKAGE names its folder',
    );
  }
}

function page(agent: AgentPackage, origin: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const html = (request.headers.accept ?? '').includes('text/html');
  return reply
    .type(html ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8')
    .headers({
      'cache-control': 'no-store', // the page contains the host of the request
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      vary: 'accept',
    })
    .send((html ? installHtml : installText)(agent, origin));
}

function file({ bytes, sha256, version }: AgentPackage, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const etag = `"${sha256}"`;
  reply.headers({ etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return reply.status(304).send();
  return reply
    .type('application/gzip')
    .header('content-disposition', `attachment; filename="sluice-agent-${version}.tgz"`)
    .send(bytes);
}

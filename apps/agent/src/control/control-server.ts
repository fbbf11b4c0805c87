import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { chmodSync, rmSync } from 'node:fs';
import { parseJson, RELEASE, RELEASE_HEADER } from '@sluice/domain';
import { type AgentControl, ConnectRequest, DisconnectRequest } from './control-messages.js';

const BODY_LIMIT = 64 * 1024;
/** How long the request of a command may take to arrive completely. */
const REQUEST_TIMEOUT_MS = 5000;
/** How many connections may be open that have not sent a request yet; one more closes the oldest of them. */
const MAX_SILENT = 64;

/** Serves the agent's commands on a unix socket in its 0700 folder, so that only this user can open it. @param path where the socket is */
export async function serveControl(path: string, agent: AgentControl, stop: () => void): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
    (request, response) => {
      silent.delete(request.socket);
      response.shouldKeepAlive = false; // one command per connection
      response.setHeader(RELEASE_HEADER, RELEASE);
      answer(agent, stop, request).then(
        (body) => response.end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(400).end(JSON.stringify({ error: (error as Error).message })),
      );
    },
  );
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    const [oldest] = silent;
    if (silent.size > MAX_SILENT) oldest?.destroy();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  chmodSync(path, 0o600);
  return server;
}

async function answer(agent: AgentControl, stop: () => void, request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  switch (request.url) {
    case '/status':
      return agent.status();
    case '/connect': {
      const { names, port } = ConnectRequest.parse(body);
      return agent.connect(names, port);
    }
    case '/disconnect':
      return agent.disconnect(DisconnectRequest.parse(body).names);
    case '/reload':
      await agent.reload();
      return {};
    case '/stop':
      setImmediate(stop);
      return {};
    default:
      throw new Error('the running agent does not know this command; is it from another release?');
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) throw new Error('the command is too long');
    chunks.push(chunk);
  }
  return length === 0 ? {} : parseJson(Buffer.concat(chunks).toString());
}

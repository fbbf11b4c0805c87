import { createServer, type IncomingMessage, type Server } from 'node:http';
import { chmodSync, rmSync } from 'node:fs';
import type { AgentConfig } from '../config.js';
import type { Agent } from './agent.js';
import { ConnectRequest, DisconnectRequest } from './control-messages.js';

const BODY_LIMIT = 64 * 1024;

/** Serves the agent's control on a unix socket in its 0700 folder: whoever can open it is this user. */
export async function serveControl(config: AgentConfig, agent: Agent, stop: () => void): Promise<Server> {
  rmSync(config.controlSocket, { force: true });
  const server = createServer((request, response) => {
    answer(agent, stop, request).then(
      (body) => response.end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(400).end(JSON.stringify({ error: (error as Error).message })),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(config.controlSocket, resolve));
  chmodSync(config.controlSocket, 0o600);
  return server;
}

async function answer(agent: Agent, stop: () => void, request: IncomingMessage): Promise<unknown> {
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
      throw new Error('the agent does not know this command; is it of another release?');
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
  return length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}

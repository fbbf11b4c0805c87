import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { parsePort } from '@sluice/domain';
import { nodeRuntime } from '@sluice/process';
import { checkServer, createSluiceClient, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { z } from 'zod';
import { agentAnswers, askAgent, NoAgentError } from '../agent/control-client.js';
import { ConnectReply, StatusReply } from '../agent/control-messages.js';
import { readFeed } from '../agent/read-feed.js';
import type { AgentConfig } from '../config.js';
import { forgetLogin, keepLogin, prepareConfigHome, readLogin } from '../login/kept-login.js';
import { logIn } from '../login/log-in.js';
import { PROGRAM_FILE } from '../program.js';
import { addAgentServiceCommands } from './agent-service.js';
import { fail, printDone, printJson, printLine, printTable, showTags, showTime, UsageError } from './output.js';
import { printWithdrawn } from './reach.js';
import { readSecret, secretFile } from './secrets.js';
import { signedIn } from './session.js';

const AGENT_START_MS = 15_000;

/** Adds the commands for oneself: login, logout, status, connect, disconnect, agent. */
export function addOwnCommands(
  program: Command,
  config: AgentConfig,
  run: (json: boolean, work: () => Promise<void>) => Promise<void>,
): void {
  program
    .command('login')
    .description('sign in; the login lasts twelve hours')
    .requiredOption('--server <url>', 'address of a gateway, such as https://sluice.example.com')
    .requiredOption('--email <email>')
    .option('--password-file <file>', secretFile('the password'))
    .option('--json')
    .action((options: { server: string; email: string; passwordFile?: string; json?: boolean }) =>
      run(options.json === true, async () => {
        checkServer(options.server);
        const login = await logIn(options.server, options.email, await readSecret('Password', options.passwordFile));
        prepareConfigHome(config);
        keepLogin(config, login);
        await askAgent(config, 'reload', {}, z.object({})).catch(() => undefined);
        if (options.json === true) printJson({ account: login.account, server: login.server, expiresAt: login.expiresAt });
        else printLine(`Signed in as ${login.account.email} (${login.account.apiRole}) until ${showTime(login.expiresAt)}.`);
      }),
    );

  program
    .command('logout')
    .description('sign out: ends the login, its certificates and its sessions')
    .option('--json')
    .action((options: { json?: boolean }) =>
      run(options.json === true, async () => {
        const login = readLogin(config);
        if (!login) throw new Error('nobody is signed in here');
        const api = createSluiceClient({ server: login.server, token: login.token });
        const ended = unwrap(api.DELETE('/api/v1/logins/current')); // first, so that its sessions end for this reason
        await ended.catch(() => undefined);
        await askAgent(config, 'stop', {}, z.object({})).catch(() => undefined);
        forgetLogin(config); // here it is over in any case
        const { reach } = await ended;
        printWithdrawn(options.json, { account: login.account, signedOut: true, reach }, 'Signed out.');
      }),
    );

  program
    .command('status')
    .description('what you may reach, and what is connected')
    .option('--json')
    .action((options: { json?: boolean }) => run(options.json === true, () => status(config, options.json === true)));

  program
    .command('connect')
    .description('listen for servers at their addresses; starts the background agent where none runs')
    .argument('<names...>', 'names of servers')
    .option('--port <port>', "listen at this port instead of the server's own")
    .option('--json')
    .action((names: string[], options: { port?: string; json?: boolean }) =>
      run(options.json === true, () => connect(config, names, options)),
    );

  program
    .command('disconnect')
    .description('stop listening for servers; their connections end')
    .argument('<names...>', 'names of servers')
    .option('--json')
    .action((names: string[], options: { json?: boolean }) =>
      run(options.json === true, async () =>
        report(await askAgent(config, 'disconnect', { names }, ConnectReply), 'disconnected from', options.json === true),
      ),
    );

  const agent = program.command('agent').description('the agent itself');
  addAgentServiceCommands(agent, config, run);
  agent
    .command('run')
    .description('run the agent in the foreground (for containers); connected servers are connected again')
    .option('--allow-user <user>', 'accept local connections of this user, or of "any"; default: only your own')
    .action((options: { allowUser?: string }) =>
      run(false, async () => {
        const { parseAllowedUser, runAgent } = await import('../agent/run-agent.js'); // the other commands start faster without it
        await runAgent(config, parseAllowedUser(options.allowUser));
      }),
    );
  agent
    .command('stop')
    .description('stop the background agent; connections end')
    .option('--json')
    .action((options: { json?: boolean }) =>
      run(options.json === true, async () => {
        await askAgent(config, 'stop', {}, z.object({}));
        while (await agentAnswers(config)) await new Promise((resolve) => setTimeout(resolve, 50));
        printDone(options.json, { stopped: true }, 'The agent has stopped.');
      }),
    );
}

async function status(config: AgentConfig, json: boolean): Promise<void> {
  const reply = await askAgent(config, 'status', {}, StatusReply).catch((error: unknown) => {
    if (error instanceof NoAgentError) return statusWithoutAgent(config);
    throw error;
  });
  if (json) return void printJson(reply);
  const rows = reply.servers.map((server) => [
    server.name,
    server.type,
    server.address,
    showTags(server.tags),
    server.health,
    server.connected ? `yes${server.sessions > 0 ? ` (${server.sessions})` : ''}` : 'no',
    server.lastRefusal === null
      ? ''
      : `${showTime(server.lastRefusal.at)} ${server.lastRefusal.reason}: ${server.lastRefusal.message}`,
  ]);
  const login = reply.loginEnded
    ? 'your login has ended: run `sluice login`'
    : `signed in until ${showTime(reply.loginExpiresAt)}`;
  printLine(`${reply.account} at ${reply.server}, ${login}`);
  printTable(
    ['SERVER', 'TYPE', 'ADDRESS', 'TAGS', 'HEALTH', 'CONNECTED', 'LAST REFUSAL'],
    rows,
    'You may reach no server yet: an administrator grants a role of yours one.',
  );
}

async function statusWithoutAgent(config: AgentConfig): Promise<StatusReply> {
  const feed = await readFeed(signedIn(config));
  const login = readLogin(config);
  return {
    account: feed.account.email,
    server: login?.server ?? '',
    loginExpiresAt: login?.expiresAt ?? '',
    loginEnded: false, // the API has just answered
    servers: feed.resources.map(({ bindAddress, port, cluster: _, ...resource }) => ({
      ...resource,
      address: `${bindAddress}:${port}`,
      connected: false,
      sessions: 0,
      lastRefusal: null,
    })),
  };
}

async function connect(config: AgentConfig, names: string[], options: { port?: string; json?: boolean }): Promise<void> {
  if (options.port !== undefined && names.length > 1) throw new UsageError('--port goes with one server only');
  const port = options.port === undefined ? undefined : parsePort(options.port);
  if (port?.ok === false) throw new UsageError(port.refusal.message);
  signedIn(config);
  if (!(await agentAnswers(config))) await startAgent(config);
  report(
    await askAgent(config, 'connect', { names, ...(port?.ok === true ? { port: port.value } : {}) }, ConnectReply),
    'listening at',
    options.json === true,
  );
}

function report(reply: ConnectReply, what: string, json: boolean): void {
  if (json) printJson(reply);
  for (const result of reply.results) {
    if (!result.ok) fail(new Error(`${result.name}: ${result.error}`), json);
    else if (!json) printLine(`${result.name}: ${what} ${result.address}`);
  }
}

/** Starts the agent in the background and waits until it answers. */
async function startAgent(config: AgentConfig): Promise<void> {
  prepareConfigHome(config);
  const log = openSync(config.logFile, 'a', 0o600);
  const child = spawn(nodeRuntime(config.node).file, [PROGRAM_FILE, 'agent', 'run'], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  });
  let ended = false;
  child.once('exit', () => (ended = true));
  child.unref();
  const deadline = Date.now() + AGENT_START_MS;
  while (!(await agentAnswers(config))) {
    if (ended || Date.now() > deadline) throw new Error(`the agent did not start; its log is ${config.logFile}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

import { ApiError } from '@sluice/sdk';
import type { Command } from 'commander';
import { askAgent, NoAgentError } from '../control/control-client.js';
import { StatusReply } from '../control/control-messages.js';
import { readFeed } from '../feed/read-feed.js';
import { readWithdrawn } from '../feed/withdrawn-servers.js';
import type { AgentConfig } from '../config.js';
import { FeedFile } from '../feed/feed-file.js';
import { readLogin } from '../login/stored-login.js';
import { signedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { type Column, minor, whole } from '../terminal/fit-columns.js';
import type { Output, OutputOptions, Rows } from '../terminal/output.js';
import { showTags, showTime } from '../terminal/show.js';

/** Explains the TLS name, which clients need in addition to the address. */
export const TLS_NAMES =
  'A client that checks TLS names connects to the address, so it must be given the TLS name, as in\n' +
  '  psql "host=TLSNAME hostaddr=IP port=PORT sslmode=verify-full"';

/** What CSV has of the status: a line for each server. */
const SERVER_FIELDS: Rows<StatusReply['servers'][number]>['columns'] = [
  ...(['id', 'name', 'type', 'address', 'hostname', 'dns', 'tags', 'health', 'connected', 'sessions'] as const),
  ...(['lastRefusal.at', 'lastRefusal.reason', 'lastRefusal.message'] as const),
];

/** Adds `sluice status`. */
export function addStatusCommand(program: Command, config: AgentConfig): void {
  addCommand(program, 'status', {
    summary: 'what you may reach, what is connected, and what you lost access to within a day',
    example: 'status',
    more: `${TLS_NAMES}\nWhile the system does not answer, health is unknown, and what stands here is what it said last.\nIn CSV it is a line for each server.`,
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const reply = await readStatus(config);
      out.value(reply, () => show(out, reply), { items: reply.servers, columns: SERVER_FIELDS });
    }),
  );
}

/** The agent's status, or what is known without an agent. @throws Error when nobody is signed in */
const readStatus = (config: AgentConfig): Promise<StatusReply> =>
  askAgent(config.controlSocket, 'status', {}, StatusReply).catch((error: unknown) => {
    if (error instanceof NoAgentError) return statusWithoutAgent(config);
    throw error;
  });

async function statusWithoutAgent(config: AgentConfig): Promise<StatusReply> {
  const api = signedIn(config);
  const login = readLogin(config);
  const kept = login && new FeedFile(config.feedFile).read(login);
  const asked = await readFeed(api).then(
    (feed) => ({ feed, error: undefined }),
    (error: unknown) => ({ feed: kept?.feed, error: error as Error }),
  );
  const { feed, error } = asked;
  const now = new Date().toISOString();
  return {
    account: login?.account.email ?? '',
    server: login?.server ?? '',
    loginExpiresAt: login?.expiresAt ?? '',
    loginEnded: error instanceof ApiError && error.status === 401,
    knownAt: error ? (kept?.at ?? null) : now,
    trouble: error ? { since: now, why: error.message } : null,
    suspended: error instanceof ApiError && error.code === 'account_suspended',
    withdrawn: login ? readWithdrawn(config.withdrawnFile, login.account.id) : [],
    servers: (feed?.resources ?? []).map(({ bindAddress, port, cluster: _, ...resource }) => ({
      ...resource,
      address: `${bindAddress}:${port}`,
      connected: false,
      sessions: 0,
      lastRefusal: null,
    })),
  };
}

const HEAD: readonly Column[] = [
  ...['SERVER', minor('TYPE', 4), whole('ADDRESS'), minor('TLS NAME', 2), minor('TAGS', 3), 'HEALTH', 'CONNECTED'],
  minor('LAST REFUSAL', 1),
];

/** What there is to say of the account and the system, most important first. */
function headOf(reply: StatusReply): string[] {
  const who = `${reply.account} at ${reply.server}`;
  const known = reply.knownAt === null ? 'the list of servers is not known' : `what follows is from ${showTime(reply.knownAt)}`;
  if (reply.suspended) return [`${who}, suspended: nothing is carried until an administrator resumes your account`];
  if (reply.loginEnded) return [`${who}, your login has ended: run \`sluice login\``];
  const signedIn = `${who}, signed in until ${showTime(reply.loginExpiresAt)}`;
  if (!reply.trouble) return [signedIn];
  return [signedIn, `The system has not answered since ${showTime(reply.trouble.since)}; ${known}. Why: ${reply.trouble.why}`];
}

function show(out: Output, reply: StatusReply): void {
  const isAway = reply.trouble !== null || reply.loginEnded || reply.suspended;
  for (const line of headOf(reply)) out.line(line);
  out.table(
    HEAD,
    reply.servers.map((server) => [
      server.name,
      server.type,
      server.dns ? `${server.address} (${server.dns})` : server.address,
      server.hostname,
      showTags(server.tags),
      isAway ? `unknown (was ${server.health})` : server.health,
      connectionOf(server, isAway),
      server.lastRefusal && `${showTime(server.lastRefusal.at)} ${server.lastRefusal.reason}: ${server.lastRefusal.message}`,
    ]),
    isAway
      ? 'What you may reach is not known.'
      : 'You cannot reach any server yet: an administrator must grant one to a role that you hold.',
  );
  if (reply.withdrawn.length > 0) {
    out.line('\nAccess lost within a day:');
    out.table(
      ['SERVER', 'AT', 'WHY'],
      reply.withdrawn.map(({ name, at, why }) => [name, showTime(at), why]),
      '',
    );
  }
  if (reply.servers.some(({ connected }) => connected)) out.line(`\n${TLS_NAMES}`);
}

/** Whether a server is connected. An agent keeps listening even while no session is possible. */
function connectionOf({ connected, sessions }: StatusReply['servers'][number], isAway: boolean): string {
  if (!connected) return 'no';
  const count = sessions > 0 ? ` (${sessions})` : '';
  return isAway ? `listening only${count}` : `yes${count}`;
}

import { z } from 'zod';

export const ServerStatus = z.object({
  id: z.string(),
  name: z.string(),
  type: z.literal('tcp'),
  address: z.string(),
  /** The host name to give to clients that check TLS names; absent when an older system does not send it. */
  hostname: z.string().optional(),
  /** The server's DNS name in virtual network mode. */
  dns: z.string().nullish(),
  tags: z.record(z.string(), z.string()),
  health: z.enum(['healthy', 'unhealthy']),
  connected: z.boolean(),
  sessions: z.int(),
  lastRefusal: z.object({ at: z.string(), reason: z.string(), message: z.string() }).nullable(),
});
/** A server as `status` shows it. */
export type ServerStatus = z.infer<typeof ServerStatus>;

export const WithdrawnServer = z.object({ name: z.string(), at: z.string(), why: z.string() });
/** A server that the account lost access to within the last day. */
export type WithdrawnServer = z.infer<typeof WithdrawnServer>;

export const SystemState = z.object({
  /** When the API last returned the list of servers; null when it has not yet. */
  knownAt: z.string().nullable().default(null),
  /** Since when the API has failed to return it, and why; null when the last request succeeded. */
  trouble: z.object({ since: z.string(), why: z.string() }).nullable().default(null),
  /** Whether the account is suspended. No session is possible then until an administrator resumes it. */
  suspended: z.boolean().default(false),
  withdrawn: z.array(WithdrawnServer).default([]),
});
/** How current the agent's knowledge of the system is. */
export type SystemState = z.infer<typeof SystemState>;

export const StatusReply = SystemState.extend({
  account: z.string(),
  server: z.string(),
  loginExpiresAt: z.string(),
  /** Whether the login was ended before it expired. No session is possible then until somebody signs in again. */
  loginEnded: z.boolean().default(false),
  servers: z.array(ServerStatus),
});
/** The agent's status. */
export type StatusReply = z.infer<typeof StatusReply>;

/** Where a connected server is found on this machine, and the names that its clients may need. */
const Listening = ServerStatus.pick({ address: true, hostname: true, dns: true });

export const ConnectRequest = z.object({
  names: z.array(z.string()).min(1).or(z.literal('all')),
  port: z.int().min(1).max(65535).optional(),
});
export const ConnectReply = z.object({
  results: z.array(
    z.discriminatedUnion('ok', [
      z.object({ name: z.string(), ok: z.literal(true), ...Listening.shape, health: ServerStatus.shape.health.optional() }),
      z.object({ name: z.string(), ok: z.literal(false), error: z.string() }),
    ]),
  ),
  /** Why the system does not respond, in which case the results are based on its last response; null if it responds. */
  trouble: z.string().nullable().default(null),
});
/** The result of connecting or disconnecting each server. */
export type ConnectReply = z.infer<typeof ConnectReply>;
export const DisconnectRequest = z.object({ names: z.array(z.string()).min(1) });

/** What the agent does on behalf of commands. */
export interface AgentControl {
  status(): Promise<StatusReply>;
  connect(names: readonly string[] | 'all', port: number | undefined): Promise<ConnectReply>;
  disconnect(names: readonly string[]): Promise<ConnectReply>;
  /** Reads the login again. */
  reload(): Promise<void>;
}

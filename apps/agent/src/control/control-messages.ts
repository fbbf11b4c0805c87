import { z } from 'zod';

/** A server as `status` shows it. */
export const ServerStatus = z.object({
  id: z.string(),
  name: z.string(),
  type: z.literal('tcp'),
  address: z.string(),
  /** The name that a client which checks TLS names must be told; absent where an older system does not say. */
  hostname: z.string().optional(),
  /** Another name of it, in virtual network mode. */
  dns: z.string().nullish(),
  tags: z.record(z.string(), z.string()),
  health: z.enum(['healthy', 'unhealthy']),
  connected: z.boolean(),
  sessions: z.int(),
  lastRefusal: z.object({ at: z.string(), reason: z.string(), message: z.string() }).nullable(),
});
/** A server as `status` shows it. */
export type ServerStatus = z.infer<typeof ServerStatus>;

/** A server that was taken away within a day. */
export const WithdrawnServer = z.object({ name: z.string(), at: z.string(), why: z.string() });
/** A server that was taken away within a day. */
export type WithdrawnServer = z.infer<typeof WithdrawnServer>;

/** What is known of the system itself. */
export const SystemWord = z.object({
  /** When the system said last what may be reached; null: not yet. */
  knownAt: z.string().nullable().default(null),
  /** Since when it does not say that, and why; null: it does. */
  trouble: z.object({ since: z.string(), why: z.string() }).nullable().default(null),
  /** The account is suspended: nothing is carried until an administrator resumes it. */
  suspended: z.boolean().default(false),
  withdrawn: z.array(WithdrawnServer).default([]),
});
/** What is known of the system itself. */
export type SystemWord = z.infer<typeof SystemWord>;

export const StatusReply = SystemWord.extend({
  account: z.string(),
  server: z.string(),
  loginExpiresAt: z.string(),
  /** The login was ended before its time: nothing is carried until somebody signs in anew. */
  loginEnded: z.boolean().default(false),
  servers: z.array(ServerStatus),
});
/** The agent's status. */
export type StatusReply = z.infer<typeof StatusReply>;

/** Where a server listens on this machine, and what a client may have to be told. */
const Listening = ServerStatus.pick({ address: true, hostname: true, dns: true });

export const ConnectRequest = z.object({
  names: z.array(z.string()).min(1).or(z.literal('all')),
  port: z.int().min(1).max(65535).optional(),
});
export const ConnectReply = z.object({
  results: z.array(
    z.discriminatedUnion('ok', [
      z.object({ name: z.string(), ok: z.literal(true), ...Listening.shape }),
      z.object({ name: z.string(), ok: z.literal(false), error: z.string() }),
    ]),
  ),
});
/** What came of connecting or disconnecting each server. */
export type ConnectReply = z.infer<typeof ConnectReply>;
export const DisconnectRequest = z.object({ names: z.array(z.string()).min(1) });

/** What the agent does for the commands. */
export interface AgentControl {
  status(): Promise<StatusReply>;
  connect(names: readonly string[] | 'all', port: number | undefined): Promise<ConnectReply>;
  disconnect(names: readonly string[]): Promise<ConnectReply>;
  /** Reads the login again. */
  reload(): Promise<void>;
}

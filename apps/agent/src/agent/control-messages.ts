import { z } from 'zod';

/** A server as `status` shows it. */
export const ServerStatus = z.object({
  id: z.string(),
  name: z.string(),
  type: z.literal('tcp'),
  address: z.string(),
  tags: z.record(z.string(), z.string()),
  health: z.enum(['healthy', 'unhealthy']),
  connected: z.boolean(),
  sessions: z.int(),
  lastRefusal: z.object({ at: z.string(), reason: z.string(), message: z.string() }).nullable(),
});
/** A server as `status` shows it. */
export type ServerStatus = z.infer<typeof ServerStatus>;

export const StatusReply = z.object({
  account: z.string(),
  server: z.string(),
  loginExpiresAt: z.string(),
  /** The login was ended before its time: nothing is carried until somebody signs in anew. */
  loginEnded: z.boolean().default(false),
  servers: z.array(ServerStatus),
});
/** The agent's status. */
export type StatusReply = z.infer<typeof StatusReply>;

export const ConnectRequest = z.object({ names: z.array(z.string()).min(1), port: z.int().min(1).max(65535).optional() });
export const ConnectReply = z.object({
  results: z.array(
    z.discriminatedUnion('ok', [
      z.object({ name: z.string(), ok: z.literal(true), address: z.string() }),
      z.object({ name: z.string(), ok: z.literal(false), error: z.string() }),
    ]),
  ),
});
/** What came of connecting or disconnecting each server. */
export type ConnectReply = z.infer<typeof ConnectReply>;
export const DisconnectRequest = z.object({ names: z.array(z.string()).min(1) });

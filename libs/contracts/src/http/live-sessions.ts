import { z } from 'zod';
import { operation, READERS } from '../operation.js';

/** How many sessions run to each server; servers without any are omitted. */
export const LiveSessions = z
  .object({
    servers: z
      .array(z.object({ id: z.string(), sessions: z.int() }))
      .meta({ description: 'most sessions first; at most 10,000 servers' }),
  })
  .meta({ id: 'LiveSessions' });
/** How many sessions run to each server. */
export type LiveSessions = z.infer<typeof LiveSessions>;

export const countLiveByServer = operation({
  id: 'live-sessions.by-server',
  owner: 'audit',
  callers: READERS,
  summary: 'Count the running sessions of each server; servers without any are omitted',
  method: 'GET',
  path: '/live-sessions',
  input: z.strictObject({}),
  output: LiveSessions,
});

import { z } from 'zod';

/**
 * What `GET /api/v1/events` sends to a browser, as server-sent events:
 *
 *   event: changes   at most one per second: the ids of the objects that have changed, and nothing else. Read what you show
 *                    again through the API, which alone decides what you may see
 *   event: resync    something was missed: read everything again
 *   event: heartbeat every 10 seconds, so that scripts, which do not receive comments, notice a lost connection
 *
 * The id of every message is `<run of the gateway>-<number>`. A stream that is opened with it in `Last-Event-ID`, or in the
 * query as `lastEventId`, continues after that message if the gateway still knows what followed; otherwise it begins with `resync`.
 */
export const EVENTS_PATH = '/api/v1/events';

/** Maximum number of ids in a list of a message; if there are more, `more` is set instead. */
export const MAX_CHANGED_IDS = 200;
/** How often a heartbeat is sent, in milliseconds. */
export const EVENTS_HEARTBEAT_MS = 10_000;
/** How many streams an account may have open at a gateway. */
export const MAX_STREAMS_OF_ACCOUNT = 20;

/** Kinds of object in the stream: those of activities, and some that only the stream has. */
const CHANGED_KINDS = [
  'server',
  'node',
  'node-token',
  'cluster',
  'cluster-key',
  'user',
  'role',
  'login',
  'session',
  'settings',
  'siem-reader',
  'authority',
  'activity',
  'health',
  'feed',
] as const;

const more = z.boolean().meta({ description: 'more objects changed than are listed: read the lists again' });

/** What has changed within a second, limited to what the account of the stream may see. */
export const Changes = z
  .object({
    at: z.string(),
    sessions: z.object({
      opened: z.array(z.string()),
      closed: z.array(z.string()).meta({ description: 'sessions that ended, and attempts that were refused or failed' }),
      progressed: z.array(z.string()).meta({ description: 'sessions with new byte counts' }),
      more,
    }),
    objects: z.array(
      z.object({
        kind: z.string().meta({
          description: `one of ${CHANGED_KINDS.join(', ')}, or one of a newer release. \`health\`: ids are of servers; \`feed\`: what the account may reach, as \`GET /me\` shows it`,
        }),
        ids: z.array(z.string()),
        more,
      }),
    ),
  })
  .meta({ id: 'Changes' });
/** What has changed within a second, limited to what the account of the stream may see. */
export type Changes = z.infer<typeof Changes>;

/** Changes were missed, so everything that is shown must be read again. */
export const Resync = z.object({ at: z.string(), why: z.string() }).meta({ id: 'Resync' });
/** Changes were missed, so everything that is shown must be read again. */
export type Resync = z.infer<typeof Resync>;

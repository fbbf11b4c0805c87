import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../../config.js';
import { first, signedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { readLimit } from '../command/moment.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice admin activities ...`. */
export function addActivityCommands(admin: Command, config: AgentConfig): void {
  const activities = admin.command('activities').description('what administrators did');

  addCommand(activities, 'list', {
    says: 'list what administrators did, newest first; what changed by it is in the whole answer',
    example: 'admin activities list --limit 20 -o yaml',
  })
    .option('--limit <n>', 'at most this many', '100')
    .action((options: OutputOptions & { limit: string }) =>
      run(options, async ({ out }) => {
        const api = signedIn(config);
        const limit = readLimit(options.limit);
        const all: Schemas['Activity'][] = await first(limit, (query) =>
          unwrap(api.GET('/api/v1/activities', { params: { query } })),
        );
        out.list(
          all,
          ['AT', 'WHO', 'DID', 'KIND', 'WHAT', 'ID'],
          (activity) => [
            showTime(activity.at),
            activity.actor.email || activity.actor.id,
            activity.verb,
            activity.object.kind,
            activity.object.name ?? activity.object.id,
            activity.id,
          ],
          'Nothing was done yet.',
        );
      }),
    );
}

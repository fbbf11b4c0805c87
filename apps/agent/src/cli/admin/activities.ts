import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { stringify as yaml } from 'yaml';
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

  addCommand(activities, 'show', {
    says: 'show what somebody did, and what changed by it',
    example: 'admin activities show c826f256-313c-47ac-aa3e-529ffefbdb90',
  })
    .argument('<id>', 'id of the activity, as `sluice admin activities list` shows it')
    .action((id: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const activity = await unwrap(signedIn(config).GET('/api/v1/activities/{id}', { params: { path: { id } } }));
        out.value(activity, () => {
          out.fields([
            ['At', showTime(activity.at)],
            ['Who', activity.actor.email || activity.actor.id],
            ['Did', activity.verb],
            ['Kind', activity.object.kind],
            ['What', activity.object.name ?? activity.object.id],
            ['Request', activity.requestId],
            ['Id', activity.id],
          ]);
          out.line(activity.shortened === true ? 'What changed is too long to be shown.' : changes(activity));
        });
      }),
    );
}

/** What was before and is after, where there is anything. */
const changes = ({ before, after }: Schemas['Activity']): string =>
  yaml({ ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) }, { lineWidth: 0 }).trimEnd();

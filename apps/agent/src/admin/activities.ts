import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { stringify as yaml } from 'yaml';
import { first, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { readCount, readMoment } from '../command/moment.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions, Rows } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

type Activity = Schemas['Activity'];

interface ListOptions extends OutputOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly kind?: string;
  readonly object?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: string;
  readonly page: string;
}

/** What CSV has of an activity. */
const FIELDS: Rows<Activity>['columns'] = [
  ...(['id', 'at', 'actor.id', 'actor.email', 'requestId', 'verb', 'object.kind', 'object.id', 'object.name'] as const),
  ...(['member.kind', 'member.id', 'member.name', 'before', 'after', 'shortened'] as const),
];

const nameOf = ({ name, id }: { name: string | null; id: string }): string => name ?? id;

/** Adds `sluice admin activities ...`. */
export function addActivityCommands(admin: Command, signedIn: SignedIn): void {
  const activities = admin.command('activities').description('what administrators did');

  addCommand(activities, 'list', {
    summary: 'list what administrators did, newest first; all formats except table include what was changed',
    example: 'admin activities list --object my-db --action updated --since 7d',
  })
    .option('--actor <email>', 'only what this account did, by its e-mail or id')
    .option('--action <action>', 'only what was done so, such as added, updated, deleted, granted, assigned')
    .option('--kind <kind>', 'only what was done to objects of this kind, such as server, user, role, login')
    .option('--object <name>', 'only what was done to this object, or to this member of a role, by its name or id')
    .option('--since <time>', 'from this time on: ISO 8601, or an age such as 15m, 24h, 7d')
    .option('--until <time>', 'before this time')
    .option('--limit <n>', 'at most this many', '100')
    .option('--page <n>', 'the next so many, and so on', '1')
    .action((options: ListOptions) =>
      run(options, async ({ out }) => {
        const { items, more } = await search(signedIn, options);
        out.list(items, {
          head: [minor('AT', 2), minor('ACTOR', 3), 'ACTION', minor('KIND', 4), 'OBJECT', minor('MEMBER', 1), whole('ID')],
          row: (activity) => [
            showTime(activity.at),
            activity.actor.email || activity.actor.id,
            activity.verb,
            activity.object.kind,
            nameOf(activity.object),
            activity.member && nameOf(activity.member),
            activity.id,
          ],
          empty: 'Nothing of the kind was done.',
          csv: FIELDS,
        });
        if (more) out.line(`There are more: --page ${Number(options.page) + 1}`);
      }),
    );

  addCommand(activities, 'show', {
    summary: 'show an activity, and what was changed by it',
    example: 'admin activities show c826f256-313c-47ac-aa3e-529ffefbdb90',
  })
    .argument('<id>', 'id of the activity, as `sluice admin activities list` shows it')
    .action((id: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const activity = await unwrap(signedIn().GET('/api/v1/activities/{id}', { params: { path: { id } } }));
        const sentences = () => {
          out.fields([
            ['At', showTime(activity.at)],
            ['Actor', activity.actor.email || activity.actor.id],
            ['Action', activity.verb],
            ['Kind', activity.object.kind],
            ['Object', nameOf(activity.object)],
            ...(activity.member ? ([['Member', nameOf(activity.member)]] as const) : []),
            ['Request', activity.requestId],
            ['Id', activity.id],
          ]);
          out.line(activity.shortened === true ? 'What changed is too long to be shown.' : changes(activity));
        };
        out.value(activity, sentences, { items: [activity], columns: FIELDS });
      }),
    );
}

async function search(signedIn: SignedIn, options: ListOptions): Promise<{ items: Activity[]; more: boolean }> {
  const { actor, action, kind, object, since, until } = options;
  const limit = readCount(options.limit, '--limit');
  const before = (readCount(options.page, '--page') - 1) * limit;
  const filter = {
    actor,
    action,
    kind,
    object,
    since: since === undefined ? undefined : readMoment(since, '--since'),
    until: until === undefined ? undefined : readMoment(until, '--until'),
  };
  const api = signedIn();
  const found = await first(before + limit + 1, (page) =>
    unwrap(api.GET('/api/v1/activities', { params: { query: { ...page, ...filter } } })),
  );
  return { items: found.slice(before, before + limit), more: found.length > before + limit };
}

/** What was before and is after, where there is anything. */
const changes = ({ before, after }: Activity): string =>
  yaml({ ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) }, { lineWidth: 0 }).trimEnd();

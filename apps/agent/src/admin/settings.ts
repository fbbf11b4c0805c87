import { shortenedRetention } from '@sluice/domain';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { printReach } from '../command/reach.js';
import { UsageError } from '../terminal/failure.js';
import type { YesOption } from '../terminal/ask.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { showCount } from '../terminal/show.js';
import { ORGANIZATION_SETTINGS, readSettings, type SettingOptions, showValue, withSettings } from './settings-options.js';

const RETENTION = ['sessionRetentionDays', 'activityRetentionDays', 'factRetentionDays'] as const;

/** Adds `sluice admin settings ...`. */
export function addSettingCommands(admin: Command, signedIn: SignedIn): void {
  const settings = admin.command('settings').description("the organization's settings: sessions, limits, addresses");

  addCommand(settings, 'show', { summary: "show the organization's settings", example: 'admin settings show' }).action(
    (options: OutputOptions) => run(options, async ({ out }) => show(out, await unwrap(signedIn().GET('/api/v1/settings')))),
  );

  withSettings(
    addCommand(settings, 'set', {
      summary: 'change settings; they also apply to running sessions',
      example: 'admin settings set --idle-timeout 3600',
      more: 'Agents of this release support loopback mode only: a server in virtual network mode cannot be connected yet.\nA shorter retention, which drops evidence, asks for a confirmation.',
    }).option('--yes', 'do not ask for a confirmation of a shorter retention; required without a terminal'),
    ORGANIZATION_SETTINGS,
    'default: unchanged',
  ).action((options: SettingOptions & OutputOptions & YesOption) =>
    run(options, async ({ out, now, confirm }) => {
      const asked = readSettings(options, ORGANIZATION_SETTINGS, false) as Partial<Omit<Schemas['Settings'], 'version'>>;
      if (Object.keys(asked).length === 0) throw new UsageError('name a setting to change, such as --idle-timeout 3600');
      const api = signedIn();
      const before = await unwrap(api.GET('/api/v1/settings'));
      const { version, virtualNetworking } = before;
      const dropped = shortenedRetention(asked, before);
      if (dropped.length > 0) await confirm(options, () => Promise.resolve(warningOf(dropped)));
      now('waiting for the relays');
      const changed = await unwrap(api.PATCH('/api/v1/settings', { body: { version, ...asked } }));
      show(out, changed);
      printReach(out, changed.reach);
      if (RETENTION.some((setting) => setting in asked))
        out.line(
          'What is older than a shorter retention is dropped from a day later on, for good: `sluice audit retention` shows what applies.',
        );
      if (changed.virtualNetworking && !virtualNetworking)
        out.line(
          'Agents of this release do not serve virtual networking yet: connecting a server in that mode fails with this reason.',
        );
    }),
  );
}

const warningOf = (dropped: ReturnType<typeof shortenedRetention>): string =>
  `From a day after this change on, the following is dropped unless a hold keeps it, and cannot be restored: ${dropped
    .map(({ what, days }) => `${what} from more than ${showCount(days, 'day')} ago`)
    .join('; ')}. Export what is still needed before.`;

const show = (out: Output, settings: Schemas['Settings']): void =>
  out.value(settings, () =>
    out.table(
      ['SETTING', 'VALUE', 'MEANING'],
      ORGANIZATION_SETTINGS.map(({ setting, flag, what }) => [`--${flag}`, showValue(settings[setting]), what]),
      '',
    ),
  );

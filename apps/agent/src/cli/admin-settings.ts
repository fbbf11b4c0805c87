import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printJson, printTable, UsageError } from './output.js';
import { printReach } from './reach.js';
import { signedIn } from './session.js';
import { ORGANIZATION_SETTINGS, readSettings, type SettingOptions, showValue, withSettings } from './settings-options.js';

/** Adds `sluice admin settings ...`. */
export function addSettingCommands(
  admin: Command,
  config: AgentConfig,
  run: (json: boolean, work: () => Promise<void>) => Promise<void>,
): void {
  const settings = admin.command('settings').description('what holds for the organization: sessions, limits, addresses');

  settings
    .command('show')
    .option('--json')
    .action((options: { json?: boolean }) =>
      run(options.json === true, async () => show(await unwrap(signedIn(config).GET('/api/v1/settings')), options.json === true)),
    );

  withSettings(
    settings.command('set').description('change settings; running sessions follow').option('--json'),
    ORGANIZATION_SETTINGS,
    'left out: stays',
  ).action((options: SettingOptions & { json?: boolean }) =>
    run(options.json === true, async () => {
      const asked = readSettings(options, ORGANIZATION_SETTINGS, false) as Partial<Omit<Schemas['Settings'], 'version'>>;
      if (Object.keys(asked).length === 0) throw new UsageError('say what to set, such as --idle-timeout 3600');
      const api = signedIn(config);
      const { version } = await unwrap(api.GET('/api/v1/settings'));
      const settings = await unwrap(api.PATCH('/api/v1/settings', { body: { version, ...asked } }));
      show(settings, options.json === true);
      printReach(options.json, settings.reach);
    }),
  );
}

function show(settings: Schemas['Settings'], json: boolean): void {
  if (json) return void printJson(settings);
  const rows = ORGANIZATION_SETTINGS.map(({ setting, flag, what }) => [`--${flag}`, showValue(settings[setting]), what]);
  printTable(['SETTING', 'VALUE', 'MEANING'], rows, '');
}

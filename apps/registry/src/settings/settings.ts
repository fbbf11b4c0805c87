import { SETTINGS_ID, type Settings } from '@sluice/contracts';
import {
  DEFAULT_NETWORK,
  DEFAULT_RETENTION,
  DEFAULT_SETTINGS,
  type NetworkSettings,
  type OrganizationSettings,
  type RetentionSettings,
} from '@sluice/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { type Change, versionConflict } from '../change/change.js';
import { validateNetwork } from './validate-network.js';
import { validateSettings } from './validate-settings.js';

type All = OrganizationSettings & NetworkSettings & RetentionSettings;
type Asked = { readonly [K in keyof All]?: All[K] | undefined } & { readonly version: number };

/** The organization's settings, with defaults for those that were not set. */
export async function readSettings(database: DataSource | EntityManager): Promise<Settings> {
  return show(await readRow(database, ''));
}

/** Changes the organization's settings, which are published to relays and gateways. @throws ProblemError */
export async function updateSettingsIn(change: Change, { version, ...asked }: Asked): Promise<Settings> {
  const before = await readRow(change.tx, 'for update');
  if (before.settings_version !== version) throw versionConflict('settings', version, before.settings_version);
  const valid = validateSettings(asked as Partial<All>);
  const chosen = { ...before.settings, ...valid, ...(await validateNetwork(change.tx, valid, show(before))) };
  await change.tx.query('update organization set settings = $1, settings_version = settings_version + 1', [
    JSON.stringify(chosen),
  ]);
  const after = show({ settings: chosen, settings_version: version + 1 });
  await change.record('updated', { kind: 'settings', id: SETTINGS_ID, name: null }, show(before), after);
  await change.touch('settings', SETTINGS_ID);
  return after;
}

interface Row {
  readonly settings: Partial<All>;
  readonly settings_version: number;
}

async function readRow(database: DataSource | EntityManager, lock: '' | 'for update'): Promise<Row> {
  const [row] = await database.query<Row[]>(`select settings, settings_version from organization ${lock}`);
  return row as Row;
}

const show = (row: Row): Settings => ({
  ...DEFAULT_SETTINGS,
  ...DEFAULT_NETWORK,
  ...DEFAULT_RETENTION,
  dnsZones: [...DEFAULT_NETWORK.dnsZones],
  ...(row.settings as Partial<Settings>),
  version: row.settings_version,
});

import type { Schemas } from '@sluice/sdk';
import type { Command } from 'commander';
import { UsageError } from './output.js';

type Settings = Omit<Schemas['Settings'], 'version'>;

/** A setting as an option of the command line. */
interface SettingOption {
  readonly setting: keyof Settings;
  readonly flag: string;
  readonly key: string;
  readonly what: string;
}

/** Settings that a server may have of its own. */
export const SERVER_SETTINGS: readonly SettingOption[] = [
  { setting: 'dialTimeoutSeconds', flag: 'dial-timeout', key: 'dialTimeout', what: 'seconds a relay tries to connect, 1-120' },
  {
    setting: 'idleTimeoutSeconds',
    flag: 'idle-timeout',
    key: 'idleTimeout',
    what: 'end a session after silent seconds; 0: never',
  },
  { setting: 'maxSessionSeconds', flag: 'max-session', key: 'maxSession', what: 'end a session after seconds; 0: never' },
  { setting: 'keepAliveSeconds', flag: 'keep-alive', key: 'keepAlive', what: 'TCP keep-alive after silent seconds; 0: never' },
  { setting: 'noDelay', flag: 'tcp-nodelay', key: 'tcpNodelay', what: 'on or off' },
  {
    setting: 'sessionsPerServer',
    flag: 'max-sessions',
    key: 'maxSessions',
    what: 'most sessions to it at one relay; 0: unlimited',
  },
];

/** Settings of the organization. */
export const ORGANIZATION_SETTINGS: readonly SettingOption[] = [
  ...SERVER_SETTINGS,
  {
    setting: 'sessionsPerAccount',
    flag: 'max-account-sessions',
    key: 'maxAccountSessions',
    what: 'most sessions of one account at one relay; 0: unlimited',
  },
  {
    setting: 'linksPerAccount',
    flag: 'max-account-links',
    key: 'maxAccountLinks',
    what: 'most links of one account at one gateway or listening relay; 0: unlimited',
  },
];

/** The values of setting options, as they were typed. */
export type SettingOptions = Readonly<Record<string, unknown>>;

/** Adds the options. `otherwise` says what holds without one. */
export function withSettings(command: Command, options: readonly SettingOption[], otherwise: string): Command {
  for (const { flag, what } of options) command.option(`--${flag} <value>`, `${what} (${otherwise})`);
  return command;
}

/** Reads the options that were given; `default` is null where `orDefault`. The rules of the values are the registry's. */
export function readSettings(
  given: SettingOptions,
  options: readonly SettingOption[],
  orDefault: boolean,
): { [K in keyof Settings]?: Settings[K] | null } {
  const read: Record<string, number | boolean | null> = {};
  for (const { setting, flag, key } of options) {
    const text = given[key];
    if (typeof text !== 'string') continue;
    if (orDefault && text === 'default') read[setting] = null;
    else read[setting] = setting === 'noDelay' ? onOff(text, `--${flag}`) : wholeNumber(text, `--${flag}`);
  }
  return read as { [K in keyof Settings]?: Settings[K] | null };
}

/** Reads `on` or `off`. @throws UsageError */
export function onOff(text: string, flag: string): boolean {
  if (text !== 'on' && text !== 'off') throw new UsageError(`${flag} is on or off (it is "${text}")`);
  return text === 'on';
}

function wholeNumber(text: string, flag: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`${flag} is a whole number (it is "${text}")`);
  return Number(text);
}

/** Settings as `--flag value`, those that are the organization's left out. */
export const showOwn = (own: { readonly [K in keyof Settings]?: Settings[K] | null }): string =>
  ORGANIZATION_SETTINGS.flatMap(({ setting, flag }) => {
    const value = own[setting];
    return value === null || value === undefined ? [] : [`${flag} ${showValue(value)}`];
  }).join(', ');

/** A value as it is typed. */
export const showValue = (value: number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);

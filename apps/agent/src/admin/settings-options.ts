import type { Schemas } from '@sluice/sdk';
import type { Command } from 'commander';
import { UsageError } from '../terminal/failure.js';

type Settings = Omit<Schemas['Settings'], 'version'>;
type Value = Settings[keyof Settings];

/** A setting as an option of the command line. */
interface SettingOption {
  readonly setting: keyof Settings;
  readonly flag: string;
  readonly key: string;
  readonly what: string;
  /** How it is written; a whole number where nothing is said. */
  readonly as?: 'switch' | 'text' | 'list';
}

/** Settings that a server may have of its own. */
export const SERVER_SETTINGS: readonly SettingOption[] = [
  { setting: 'dialTimeoutSeconds', flag: 'dial-timeout', key: 'dialTimeout', what: 'seconds a relay tries to connect, 1-120' },
  {
    setting: 'idleTimeoutSeconds',
    flag: 'idle-timeout',
    key: 'idleTimeout',
    what: 'end a session that carries nothing for so many seconds, 1-2592000; 0: never',
  },
  {
    setting: 'maxSessionSeconds',
    flag: 'max-session',
    key: 'maxSession',
    what: 'end a session after so many seconds, 1-2592000; 0: never',
  },
  {
    setting: 'keepAliveSeconds',
    flag: 'keep-alive',
    key: 'keepAlive',
    what: 'TCP keep-alive after so many seconds without a byte, 1-3600; 0: never',
  },
  {
    setting: 'noDelay',
    flag: 'tcp-nodelay',
    key: 'tcpNodelay',
    what: 'TCP_NODELAY at both ends of a session, on or off',
    as: 'switch',
  },
  {
    setting: 'sessionsPerServer',
    flag: 'max-sessions',
    key: 'maxSessions',
    what: 'maximum number of sessions to a server at one relay; 0: unlimited',
  },
  {
    setting: 'checkIntervalSeconds',
    flag: 'check-interval',
    key: 'checkInterval',
    what: 'check a healthy server that no session has reached for so many seconds, 5-86400',
  },
  {
    setting: 'checkBudgetSeconds',
    flag: 'check-budget',
    key: 'checkBudget',
    what: 'connect to a server for a check at most once in so many seconds, over all relays, 1-3600',
  },
];

/** Settings of the organization. */
export const ORGANIZATION_SETTINGS: readonly SettingOption[] = [
  ...SERVER_SETTINGS,
  {
    setting: 'sessionsPerAccount',
    flag: 'max-account-sessions',
    key: 'maxAccountSessions',
    what: 'maximum number of sessions of one account at one relay; 0: unlimited',
  },
  {
    setting: 'linksPerAccount',
    flag: 'max-account-links',
    key: 'maxAccountLinks',
    what: 'maximum number of links of one account at one gateway or listening relay; 0: unlimited',
  },
  {
    setting: 'sessionsPerAddress',
    flag: 'max-address-sessions',
    key: 'maxAddressSessions',
    what: 'maximum number of sessions from one source address at one relay; 0: unlimited',
  },
  {
    setting: 'linksPerAddress',
    flag: 'max-address-links',
    key: 'maxAddressLinks',
    what: 'maximum number of links from one source address at one gateway or listening relay; 0: unlimited',
  },
  {
    setting: 'preamblesPerAddress',
    flag: 'max-address-preambles',
    key: 'maxAddressPreambles',
    what: 'maximum number of connections per second from one source address at one tunnel port; 0: unlimited',
  },
  {
    setting: 'sessionRetentionDays',
    flag: 'session-retention',
    key: 'sessionRetention',
    what: 'days that records of sessions are kept with their facts, 31-36500; 0: forever',
  },
  {
    setting: 'activityRetentionDays',
    flag: 'activity-retention',
    key: 'activityRetention',
    what: 'days that activities are kept, 31-36500; 0: forever',
  },
  {
    setting: 'factRetentionDays',
    flag: 'fact-retention',
    key: 'factRetention',
    what: 'days that other facts are kept, 31-36500; 0: forever',
  },
  {
    setting: 'loopbackRange',
    flag: 'loopback-range',
    key: 'loopbackRange',
    what: 'addresses of servers on clients, such as 127.0.0.1 or 127.1.0.0/16',
    as: 'text',
  },
  {
    setting: 'virtualNetworking',
    flag: 'virtual-networking',
    key: 'virtualNetworking',
    what: 'on or off: servers may be in virtual network mode',
    as: 'switch',
  },
  {
    setting: 'virtualSubnet',
    flag: 'virtual-subnet',
    key: 'virtualSubnet',
    what: 'addresses of servers in virtual network mode',
    as: 'text',
  },
  {
    setting: 'dnsZones',
    flag: 'dns-zones',
    key: 'dnsZones',
    what: 'zones in which such servers may have names, with commas between; none: no zone',
    as: 'list',
  },
];

/** The values of setting options, as they were typed. */
export type SettingOptions = Readonly<Record<string, unknown>>;

/** Adds the options. `otherwise` describes what applies without one. */
export function withSettings(command: Command, options: readonly SettingOption[], otherwise: string): Command {
  for (const { flag, what } of options) command.option(`--${flag} <value>`, `${what} (${otherwise})`);
  return command;
}

/** Parses the given options. With `orDefault`, the value `default` becomes null. The registry checks the rules of the values. */
export function readSettings(
  given: SettingOptions,
  options: readonly SettingOption[],
  orDefault: boolean,
): { [K in keyof Settings]?: Settings[K] | null } {
  const read: Record<string, Value | null> = {};
  for (const { setting, flag, key, as } of options) {
    const text = given[key];
    if (typeof text !== 'string') continue;
    if (orDefault && text === 'default') read[setting] = null;
    else read[setting] = readValue(text, `--${flag}`, as);
  }
  return read as { [K in keyof Settings]?: Settings[K] | null };
}

function readValue(text: string, flag: string, as: SettingOption['as']): Value {
  switch (as) {
    case 'switch':
      return onOff(text, flag);
    case 'text':
      return text;
    case 'list':
      return text === 'none' ? [] : text.split(',').map((part) => part.trim());
    default:
      return wholeNumber(text, flag);
  }
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

/** A server's own settings as `flag value`, without those that it takes from the organization. */
export const showOwn = (own: { readonly [K in keyof Settings]?: Settings[K] | null }): string =>
  ORGANIZATION_SETTINGS.flatMap(({ setting, flag }) => {
    const value = own[setting];
    return value === null || value === undefined ? [] : [`${flag} ${showValue(value)}`];
  }).join(', ');

/** A value as it is typed. */
export function showValue(value: Value): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(',') || 'none' : String(value);
}

import {
  DEFAULT_SETTINGS,
  isNumericSetting,
  type OrganizationSettings,
  type Outcome,
  parseDnsZones,
  parseLoopbackRange,
  parseSetting,
  parseVirtualSubnet,
  type RetentionSettings,
  shortenedRetention,
} from '@sluice/domain';
import { labelled } from '../words/labelled.js';
import { toAscii } from '../words/to-ascii.js';
import type { Settings } from './settings.js';

type NumericLimit = Exclude<keyof OrganizationSettings, 'noDelay'>;
/** A setting that is a number. */
type NumericSetting = NumericLimit | keyof RetentionSettings;

/** The settings that are times or limits, with their titles, in the order of the form. */
export const LIMIT_SETTINGS: readonly { readonly name: NumericLimit; readonly title: string; readonly hint: string }[] = [
  { name: 'dialTimeoutSeconds', title: 'Dial timeout, seconds', hint: 'How long a relay tries to connect to a server' },
  {
    name: 'idleTimeoutSeconds',
    title: 'Idle timeout, seconds',
    hint: 'A session that carries nothing for this long ends; 0: never',
  },
  { name: 'maxSessionSeconds', title: 'Longest session, seconds', hint: 'A session ends after this long; 0: never' },
  { name: 'keepAliveSeconds', title: 'TCP keep-alive, seconds', hint: 'Probes begin after this long without a byte; 0: none' },
  { name: 'sessionsPerServer', title: 'Sessions to one server', hint: 'At once, at one relay; 0: no limit' },
  {
    name: 'checkIntervalSeconds',
    title: 'Check interval, seconds',
    hint: 'A healthy server without sessions for this long is checked',
  },
  {
    name: 'checkBudgetSeconds',
    title: 'Check budget, seconds',
    hint: 'All relays together connect to a server for a check at most once in this time',
  },
  { name: 'sessionsPerAccount', title: 'Sessions of one user', hint: 'At once, at one relay; 0: no limit' },
  { name: 'linksPerAccount', title: 'Links of one user', hint: 'At once, at one gateway or listening relay; 0: no limit' },
  { name: 'sessionsPerAddress', title: 'Sessions from one address', hint: 'At once, at one relay; 0: no limit' },
  { name: 'linksPerAddress', title: 'Links from one address', hint: 'At once, at one gateway or listening relay; 0: no limit' },
  { name: 'preamblesPerAddress', title: 'New connections a second', hint: 'From one address, at one tunnel port; 0: no limit' },
];

/** The settings of retention, in the order of the form. */
export const RETENTION_SETTINGS: readonly {
  readonly name: keyof RetentionSettings;
  readonly title: string;
  readonly hint: string;
}[] = [
  {
    name: 'sessionRetentionDays',
    title: 'Sessions are kept, days',
    hint: 'With their facts; at least 31, 0: forever',
  },
  {
    name: 'activityRetentionDays',
    title: 'Activities are kept, days',
    hint: 'In the list and as facts; at least 31, 0: forever',
  },
  {
    name: 'factRetentionDays',
    title: 'Other facts are kept, days',
    hint: 'Of health and services; at least 31, 0: forever',
  },
];
const NUMBERS = [...LIMIT_SETTINGS, ...RETENTION_SETTINGS];

/** The labels of the form, by the names of the API. */
export const SETTING_LABELS: Readonly<Record<string, string>> = {
  loopbackRange: 'Loopback range',
  virtualNetworking: 'Virtual networking',
  virtualSubnet: 'Virtual subnet',
  dnsZones: 'DNS zones',
  noDelay: 'TCP no delay',
  ...Object.fromEntries(NUMBERS.map(({ name, title }) => [name, title])),
};

/** The default of a setting, as it is shown. */
export const defaultOf = (name: NumericLimit): string => String(DEFAULT_SETTINGS[name]);

/** What the form holds: texts as they are typed. */
export interface SettingsForm {
  loopbackRange: string;
  virtualNetworking: boolean;
  virtualSubnet: string;
  dnsZones: string[];
  noDelay: boolean;
  numbers: Record<NumericSetting, string>;
}

/** The form of the settings as they are. */
export function formOf(settings: Settings): SettingsForm {
  const { loopbackRange, virtualNetworking, virtualSubnet, dnsZones, noDelay } = settings;
  const numbers = Object.fromEntries(NUMBERS.map(({ name }) => [name, String(settings[name])]));
  return { loopbackRange, virtualNetworking, virtualSubnet, dnsZones, noDelay, numbers: numbers as SettingsForm['numbers'] };
}

/** Why a form cannot be saved, by the paths of its fields. */
export function validateSettings(form: SettingsForm): Record<string, string> {
  const errors: Record<string, string> = {};
  const check = (field: string, outcome: Outcome<unknown>): void => {
    if (!outcome.ok) errors[field] = labelled(outcome.refusal.message, SETTING_LABELS);
  };
  check('loopbackRange', parseLoopbackRange(form.loopbackRange));
  check('virtualSubnet', parseVirtualSubnet(form.virtualSubnet));
  check('dnsZones', parseDnsZones(form.dnsZones, toAscii));
  for (const { name } of NUMBERS) {
    const typed = form.numbers[name].trim();
    if (isNumericSetting(name)) check(`numbers.${name}`, parseSetting(name, typed === '' ? Number.NaN : Number(typed)));
  }
  return errors;
}

/** What of a form differs from the settings as they are: only that is sent. */
export function changesOf(form: SettingsForm, settings: Settings): Partial<Omit<Settings, 'version'>> {
  const { numbers, ...rest } = form;
  const values = { ...rest, ...Object.fromEntries(NUMBERS.map(({ name }) => [name, Number(numbers[name])])) };
  const before: Readonly<Record<string, unknown>> = settings;
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => String(before[name]) !== String(value)));
}

/** Whether a field that a refusal names is one of the numbers. */
export const isNumberField = (field: string): field is NumericSetting => NUMBERS.some(({ name }) => name === field);

/** What evidence would be dropped if a form were saved that was not dropped before, and how old it is. */
export const shortened = ({ numbers }: SettingsForm, settings: Settings): ReturnType<typeof shortenedRetention> =>
  shortenedRetention(Object.fromEntries(RETENTION_SETTINGS.map(({ name }) => [name, Number(numbers[name])])), settings);

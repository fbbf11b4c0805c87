import { accept, type Outcome, refuse } from '../refusal.js';

/**
 * How sessions are carried. The organization has a value for each setting, which a resource may override.
 * Times are in seconds; 0 means none if the rule allows it.
 */
export interface SessionSettings {
  /** How long a relay tries to connect to the resource. */
  readonly dialTimeoutSeconds: number;
  /** After this time without a byte in either direction a session ends as `idle`. */
  readonly idleTimeoutSeconds: number;
  /** After this time a session ends as `maximum length`. */
  readonly maxSessionSeconds: number;
  /** After this time without a byte, TCP keep-alive begins at both ends of a session. */
  readonly keepAliveSeconds: number;
  /** Whether small writes are sent immediately (TCP_NODELAY) at both ends of a session. */
  readonly noDelay: boolean;
  /** Maximum number of sessions to one resource at one relay. */
  readonly sessionsPerServer: number;
}

/** How a resource is checked. The organization has a value for each setting, which a resource may override. */
export interface CheckSettings {
  /** A healthy resource that no session has reached for this time is checked. */
  readonly checkIntervalSeconds: number;
  /** All relays together connect to a resource for a check at most once in this time, whoever asks for it. */
  readonly checkBudgetSeconds: number;
}

/** Settings of the organization: the defaults of its resources, and limits of its accounts. */
export interface OrganizationSettings extends SessionSettings, CheckSettings {
  /** Maximum number of sessions of one account at one relay. */
  readonly sessionsPerAccount: number;
  /** Maximum number of links of one account at one gateway or listening relay. Each session needs one link. */
  readonly linksPerAccount: number;
  /** Maximum number of sessions from one source address at one relay. */
  readonly sessionsPerAddress: number;
  /** Maximum number of links from one source address at one gateway or listening relay. */
  readonly linksPerAddress: number;
  /** Maximum number of connections per second that begin a preamble, from one source address at one tunnel port. */
  readonly preamblesPerAddress: number;
}

/** How long evidence is kept. The organization alone has values for these. Times are in days; 0 means forever. */
export interface RetentionSettings {
  /** How long records of sessions and attempts are kept, together with the facts about them and all others of relays. */
  readonly sessionRetentionDays: number;
  /** How long activities are kept, together with all other facts of the registry. */
  readonly activityRetentionDays: number;
  /** How long all other facts are kept: those of services about health, integrity and themselves. */
  readonly factRetentionDays: number;
}

/** A resource's own values. For absent ones, the organization's apply. */
export type OwnSettings = Partial<{
  readonly [K in keyof (SessionSettings & CheckSettings)]: OrganizationSettings[K] | undefined;
}>;

interface NumberRule {
  readonly from: number;
  readonly to: number;
  /** Whether 0 is allowed, meaning none. */
  readonly orNone: boolean;
  /** What 0 means, if not none. */
  readonly zero?: string;
}

const DAY = 24 * 3600;
const MONTH = 30 * DAY;
/** The shortest retention, in days: longer than JetStream keeps facts, which it could otherwise deliver again after they were dropped. */
export const MIN_RETENTION_DAYS = 31;
const RETENTION: NumberRule = { from: MIN_RETENTION_DAYS, to: 36_500, orNone: true, zero: 'forever' };
const RULES: Record<Exclude<keyof OrganizationSettings, 'noDelay'> | keyof RetentionSettings, NumberRule> = {
  dialTimeoutSeconds: { from: 1, to: 120, orNone: false },
  idleTimeoutSeconds: { from: 1, to: MONTH, orNone: true },
  maxSessionSeconds: { from: 1, to: MONTH, orNone: true },
  keepAliveSeconds: { from: 1, to: 3600, orNone: true },
  sessionsPerServer: { from: 1, to: 1_000_000, orNone: true },
  checkIntervalSeconds: { from: 5, to: DAY, orNone: false },
  checkBudgetSeconds: { from: 1, to: 3600, orNone: false },
  sessionsPerAccount: { from: 1, to: 1_000_000, orNone: true },
  linksPerAccount: { from: 1, to: 1_000_000, orNone: true },
  sessionsPerAddress: { from: 1, to: 1_000_000, orNone: true },
  linksPerAddress: { from: 1, to: 1_000_000, orNone: true },
  preamblesPerAddress: { from: 1, to: 1_000_000, orNone: true },
  sessionRetentionDays: RETENTION,
  activityRetentionDays: RETENTION,
  factRetentionDays: RETENTION,
};

/** The defaults. */
export const DEFAULT_SETTINGS: OrganizationSettings = {
  dialTimeoutSeconds: 10,
  idleTimeoutSeconds: 0,
  maxSessionSeconds: 0,
  keepAliveSeconds: 15,
  noDelay: true,
  sessionsPerServer: 0,
  checkIntervalSeconds: 300,
  checkBudgetSeconds: 10,
  sessionsPerAccount: 1000,
  linksPerAccount: 2000,
  sessionsPerAddress: 0,
  linksPerAddress: 0,
  preamblesPerAddress: 1000,
};

/** The defaults. */
export const DEFAULT_RETENTION: RetentionSettings = {
  sessionRetentionDays: 0,
  activityRetentionDays: 0,
  factRetentionDays: 0,
};

/** Checks one numeric setting. */
export function parseSetting(name: keyof typeof RULES, value: number): Outcome<number> {
  const { from, to, orNone, zero = 'none' } = RULES[name];
  if (Number.isInteger(value) && ((value >= from && value <= to) || (orNone && value === 0))) return accept(value);
  return refuse(
    'setting_invalid',
    `${name} is a whole number from ${from} to ${to}${orNone ? `, or 0 for ${zero}` : ''}`,
    name,
    String(value),
  );
}

/** Whether this is the name of a numeric setting. */
export const isNumericSetting = (name: string): name is keyof typeof RULES => name in RULES;

/** The values that apply to a resource. */
export const settingsOf = (organization: SessionSettings, own: OwnSettings): SessionSettings => ({
  dialTimeoutSeconds: own.dialTimeoutSeconds ?? organization.dialTimeoutSeconds,
  idleTimeoutSeconds: own.idleTimeoutSeconds ?? organization.idleTimeoutSeconds,
  maxSessionSeconds: own.maxSessionSeconds ?? organization.maxSessionSeconds,
  keepAliveSeconds: own.keepAliveSeconds ?? organization.keepAliveSeconds,
  noDelay: own.noDelay ?? organization.noDelay,
  sessionsPerServer: own.sessionsPerServer ?? organization.sessionsPerServer,
});

/** Whether a count has reached a limit; 0 is no limit. */
export const reaches = (count: number, limit: number): boolean => limit > 0 && count >= limit;

/** How a resource is checked: its own values, otherwise the organization's. */
export const checkSettingsOf = (organization: CheckSettings, own: OwnSettings): CheckSettings => ({
  checkIntervalSeconds: own.checkIntervalSeconds ?? organization.checkIntervalSeconds,
  checkBudgetSeconds: own.checkBudgetSeconds ?? organization.checkBudgetSeconds,
});

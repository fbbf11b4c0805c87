import type { Server } from '@sluice/contracts';
import { isNumericSetting, type OrganizationSettings, type OwnSettings, parseSetting } from '@sluice/domain';
import { accepted } from '../change/refused.js';

/** Requested settings of a resource: absent ones stay, null resets to the organization's setting. */
export type AskedSettings = { readonly [K in keyof OwnSettings]?: OwnSettings[K] | null };

/** Checks requested settings, and drops those that are absent. @throws ProblemError */
export function validateSettings<T extends Partial<OrganizationSettings>>(asked: T): T {
  for (const [name, value] of Object.entries(asked)) {
    if (isNumericSetting(name) && typeof value === 'number') accepted(parseSetting(name, value));
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as T;
}

/** A resource's own settings after a change. @throws ProblemError */
export function validateOwnSettings(asked: AskedSettings, present: OwnSettings): OwnSettings {
  const kept = Object.entries({ ...present, ...asked }).filter(([, value]) => value !== null && value !== undefined);
  return validateSettings(Object.fromEntries(kept) as OwnSettings as Partial<OrganizationSettings>);
}

/** A resource's own settings as the API shows them; null means that the organization's setting applies. */
export const showOwnSettings = (own: OwnSettings): Server['settings'] => ({
  dialTimeoutSeconds: own.dialTimeoutSeconds ?? null,
  idleTimeoutSeconds: own.idleTimeoutSeconds ?? null,
  maxSessionSeconds: own.maxSessionSeconds ?? null,
  keepAliveSeconds: own.keepAliveSeconds ?? null,
  noDelay: own.noDelay ?? null,
  sessionsPerServer: own.sessionsPerServer ?? null,
  checkIntervalSeconds: own.checkIntervalSeconds ?? null,
  checkBudgetSeconds: own.checkBudgetSeconds ?? null,
});

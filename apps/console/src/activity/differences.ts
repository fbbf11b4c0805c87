import type { Activity } from './activities.js';

/** One property that an activity changed: what it was, and what it became. */
export interface Difference {
  readonly property: string;
  readonly before: string;
  readonly after: string;
}

/** What an activity changed, property by property. A property that stayed as it was is left out. */
export function differencesOf({ before, after }: Pick<Activity, 'before' | 'after'>): Difference[] {
  const was = flatten(before);
  const is = flatten(after);
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((property) => ({ property, before: was.get(property) ?? '', after: is.get(property) ?? '' }))
    .filter((difference) => difference.before !== difference.after);
}

/** The values of an object by their paths: `settings.idleTimeoutSeconds`. */
function flatten(value: unknown, path = ''): Map<string, string> {
  if (value === null || value === undefined) return new Map();
  if (typeof value !== 'object') return new Map([[path, String(value)]]);
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return new Map(value.length === 0 ? [] : [[path, value.join(', ')]]);
  return new Map(Object.entries(value).flatMap(([name, inner]) => [...flatten(inner, path === '' ? name : `${path}.${name}`)]));
}

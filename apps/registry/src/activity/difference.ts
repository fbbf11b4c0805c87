import { canonicalJson } from '@sluice/domain';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What changed between two states of an object, as stored in an activity: the old and the new value of each changed field.
 * For a list, such as the servers of a role, only added and removed items are stored, so that an activity does not grow with
 * the list. If one of the states is missing, the other is stored completely.
 */
export function difference(before: unknown, after: unknown): { before: unknown; after: unknown } {
  if (!isObject(before) || !isObject(after)) return { before, after };
  const was: Record<string, unknown> = {};
  const is: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (canonicalJson(old) === canonicalJson(now)) continue;
    if (Array.isArray(old) && Array.isArray(now)) is[key] = { added: without(now, old), removed: without(old, now) };
    else ({ before: was[key], after: is[key] } = difference(old, now));
  }
  return { before: was, after: is };
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const known = new Set(others.map(canonicalJson));
  return items.filter((item) => !known.has(canonicalJson(item)));
}

import { parseJson } from '@sluice/domain';

/** How deep values may be nested. What compares and quotes them is recursive. */
const MAX_DEPTH = 32;

/** Parses JSON that somebody else wrote. @returns undefined for a text that is not JSON, or is nested too deeply */
export function readJson(text: string): unknown {
  const value = parseJson(text);
  return isDeeper(value, MAX_DEPTH) ? undefined : value;
}

const isDeeper = (value: unknown, depth: number): boolean =>
  typeof value === 'object' && value !== null && (depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1)));

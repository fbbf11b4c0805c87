import { parseTags, splitTags } from '@sluice/domain';

type Tags = Readonly<Record<string, string>>;

/** What to do with the tags of several servers: set those, and take away those keys. */
export interface TagChange {
  readonly set: Tags;
  readonly remove: readonly string[];
}

/** Reads what was typed: `key=value` to set, and keys to take away, with commas between them. @throws Error that says what is wrong */
export function readTagChange(set: string, remove: string): TagChange {
  const pairs = splitTags(set);
  const tags = pairs.ok ? parseTags(pairs.value) : pairs;
  if (!tags.ok) throw new Error(tags.refusal.message);
  const keys = remove
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  const both = keys.find((key) => Object.hasOwn(tags.value, key));
  if (both !== undefined) throw new Error(`the tag ${both} cannot be both added and removed`);
  if (keys.length === 0 && Object.keys(tags.value).length === 0) throw new Error('name a tag to add or to remove');
  return { set: tags.value, remove: keys };
}

/** The tags that a server has after a change; undefined if they are the same as before. */
export function changedTags(before: Tags, { set, remove }: TagChange): Record<string, string> | undefined {
  const after = Object.fromEntries(Object.entries({ ...before, ...set }).filter(([key]) => !remove.includes(key)));
  const isSame =
    Object.keys(after).length === Object.keys(before).length &&
    Object.entries(after).every(([key, value]) => before[key] === value);
  return isSame ? undefined : after;
}

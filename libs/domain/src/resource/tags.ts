import { accept, type Outcome, refuse } from '../refusal.js';

/** The tags of a resource: at most 50, each key once. */
export type Tags = Readonly<Record<string, string>>;

const KEY = /^[A-Za-z0-9._/-]{1,63}$/;
const VALUE = /^[^,\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]{0,255}$/u;

/** Checks tags. They are given as pairs, not as an object, so that a duplicate key can be detected. */
export function parseTags(pairs: readonly (readonly [string, string])[]): Outcome<Tags> {
  if (pairs.length > 50) return refuse('tags_too_many', `a server has at most 50 tags; these are ${pairs.length}`, 'tags');
  const tags = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (!KEY.test(key)) return refuse('tag_key_invalid', 'a tag key has 1 to 63 of A-Z a-z 0-9 . _ - /', 'tags', key);
    if (!VALUE.test(value))
      return refuse(
        'tag_value_invalid',
        `the value of tag ${key} has at most 255 printable characters and no comma`,
        'tags',
        value,
      );
    if (tags.has(key)) return refuse('tag_duplicate', `the tag ${key} is given twice`, 'tags', key);
    tags.set(key, value);
  }
  return accept(Object.fromEntries(tags));
}

/** Parses `k=v,k=v` into pairs, which `parseTags` checks. */
export function splitTags(text: string): Outcome<[string, string][]> {
  const pairs: [string, string][] = [];
  for (const part of text.trim() === '' ? [] : text.split(',')) {
    const at = part.indexOf('=');
    if (at < 0) return refuse('tag_invalid', 'a tag is key=value, and tags have commas between them', 'tags', part.trim());
    pairs.push([part.slice(0, at).trim(), part.slice(at + 1)]);
  }
  return accept(pairs);
}

/** Parses a tag filter: a key, and a value unless any value matches. Undefined if it has no valid key. */
export function parseTagFilter(text: string): { readonly key: string; readonly value: string | undefined } | undefined {
  const at = text.indexOf('=');
  const key = at < 0 ? text : text.slice(0, at);
  return KEY.test(key) ? { key, value: at < 0 ? undefined : text.slice(at + 1) } : undefined;
}

import { accept, type Outcome, refuse } from '../refusal.js';

const FORBIDDEN = /["'<>\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** A display name, normalized to NFC: 1-100 characters, without quotes, angle brackets and invisible characters, and without a space at either end. */
export function parseDisplayName(text: string): Outcome<string> {
  const name = text.normalize('NFC');
  const length = [...name].length;
  if (length === 0) return refuse('name_missing', 'a display name is needed', 'name');
  if (length > 100)
    return refuse('name_too_long', `a display name has at most 100 characters; this one has ${length}`, 'name', name);
  if (name.trim() !== name) return refuse('name_edge_space', 'a display name may not begin or end with a space', 'name', name);
  if (FORBIDDEN.test(name)) {
    return refuse(
      'name_character',
      `a display name may not contain " ' < > or control and other invisible characters`,
      'name',
      name,
    );
  }
  return accept(name);
}

/** The form in which names are compared: without regard to case. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase();

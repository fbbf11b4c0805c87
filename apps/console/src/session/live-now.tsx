import { useQuery } from '@tanstack/react-query';
import { countText } from '../words/quantity.js';
import { liveSessions, type SessionFilters } from './sessions.js';

/** The most sessions that are read to be counted. */
const MOST = 500;

/** How many sessions that fit run now, in parentheses, for a dialog that says what ends: nothing until it is known. */
export function LiveNow({ filters }: { readonly filters: SessionFilters }) {
  const { data } = useQuery(liveSessions(filters));
  if (data === undefined) return null;
  return <> ({data.length === 0 ? 'none' : `${countText(data.length)}${data.length >= MOST ? ' or more' : ''}`} now)</>;
}

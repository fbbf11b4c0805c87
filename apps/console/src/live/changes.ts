import { parseJson } from '@sluice/domain';

/** What else is shown differently when objects of a kind change: a server's page has its health, the overview has sessions. */
const AFFECTED: Readonly<Record<string, readonly string[]>> = {
  session: ['session', 'overview', 'access'],
  health: ['health', 'server', 'overview'],
  node: ['node', 'overview'],
  server: ['server', 'me', 'access'],
  role: ['role', 'user', 'me', 'access'],
  user: ['user', 'role', 'me', 'access'],
  'siem-reader': ['siem-reader', 'delivery'],
  feed: ['me'],
};

/** The kinds of what an event says has changed, as the keys of queries begin. An event that cannot be read changes nothing. */
export function readChanges(data: unknown): ReadonlySet<string> {
  const event = parseJson(String(data));
  const kinds = new Set<string>();
  if (!isObject(event)) return kinds;
  const { sessions, objects } = event;
  if (
    isObject(sessions) &&
    (sessions['more'] === true || Object.values(sessions).some((ids) => Array.isArray(ids) && ids.length > 0))
  )
    kinds.add('session');
  if (Array.isArray(objects))
    for (const object of objects) if (isObject(object) && typeof object['kind'] === 'string') kinds.add(object['kind']);
  return new Set([...kinds].flatMap((kind) => AFFECTED[kind] ?? [kind]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

import { expect, it } from 'vitest';
import { readChanges } from './changes.js';

const sessions = { opened: [], closed: [], progressed: [], more: false };
const kindsOf = (event: object): string[] => [...readChanges(JSON.stringify({ sessions, objects: [], ...event }))].sort();

it('reads sessions again, the overview, and who has access, whatever happened to a session', () => {
  for (const changed of [{ opened: ['a'] }, { closed: ['a'] }, { progressed: ['a'] }, { more: true }])
    expect(kindsOf({ sessions: { ...sessions, ...changed } })).toEqual(['access', 'overview', 'session']);
  expect(kindsOf({})).toEqual([]);
});

it('reads what follows from an object that changed, and what it does not know by its own kind', () => {
  expect(kindsOf({ objects: [{ kind: 'role', ids: ['a'], more: false }] })).toEqual(['access', 'me', 'role', 'user']);
  expect(kindsOf({ objects: [{ kind: 'activity', ids: ['a'], more: false }] })).toEqual(['activity']);
  expect(kindsOf({ objects: [{ kind: 'of a newer release', ids: [], more: true }] })).toEqual(['of a newer release']);
});

it('takes nothing from an event that it cannot read', () => {
  for (const data of ['', 'null', '[]', '{"sessions":1,"objects":[{"kind":7}]}']) expect(readChanges(data).size).toBe(0);
});

import { expect, it } from 'vitest';
import { StatusReply } from '../control/control-messages.js';
import { unreadiness } from './ready.js';

const server = (name: string, connected: boolean, health: 'healthy' | 'unhealthy' = 'healthy') => ({
  ...{ id: name, name, type: 'tcp' as const, address: '127.0.0.1:1', tags: {}, health, connected },
  ...{ sessions: 0, lastRefusal: null },
});
const status = (more: Partial<StatusReply>) =>
  StatusReply.parse({
    ...{ account: 'a@example.test', server: 'http://127.0.0.1', loginExpiresAt: '2026-01-01T00:00:00Z', servers: [] },
    ...more,
  });

it('is ready if every given server is connected and healthy', () => {
  const known = status({ servers: [server('a', true), server('b', true, 'unhealthy'), server('c', false)] });
  expect(unreadiness(known, ['A'])).toEqual([]);
  expect(unreadiness(known, [])).toEqual(['b is unhealthy']);
  expect(unreadiness(known, ['a', 'c', 'd'])).toEqual(['c is not connected', 'there is no server "d" that you may reach']);
  expect(unreadiness(status({}), [])).toEqual(['no server is connected']);
});

it('is not ready without the system, a login or an active account, or if the server was taken away', () => {
  const servers = [server('a', true)];
  const trouble = { since: '2026-01-01T00:00:00Z', why: 'connection refused' };
  expect(unreadiness(status({ servers, trouble }), ['a'])).toEqual(['the system does not answer: connection refused']);
  expect(unreadiness(status({ servers, loginEnded: true }), ['a'])).toEqual(['your login has ended']);
  expect(unreadiness(status({ servers, suspended: true }), ['a'])).toEqual(['your account is suspended']);
  const withdrawn = [{ name: 'b', at: '2026-01-01T00:00:00Z', why: 'the role dev was deleted' }];
  expect(unreadiness(status({ servers, withdrawn }), ['b'])).toEqual(['b was taken away: the role dev was deleted']);
});

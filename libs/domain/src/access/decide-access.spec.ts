import { expect, it } from 'vitest';
import { type AccessPolicy, decideAccess } from './decide-access.js';

const resource = { id: 'r1', name: 'db', hostname: 'h', port: 1, tags: {}, settings: {}, proxyProtocol: false };
const policy = (
  over: Partial<{ revoked: string[]; roles: string[]; reaches: string[]; resources: string[] }> = {},
): AccessPolicy => ({
  account: (id) => (id === 'a1' ? { id, email: 'a@example.test', roles: over.roles ?? ['role1'] } : undefined),
  role: (id) => (id === 'role1' ? { id, name: 'readers', resources: over.reaches ?? ['r1'] } : undefined),
  resource: (id) => ((over.resources ?? ['r1']).includes(id) ? resource : undefined),
  revoked: (kind, id) => (over.revoked ?? []).includes(`${kind} ${id}`),
});
const ask = (of: AccessPolicy, accountId = 'a1') => {
  const decision = decideAccess(of, { accountId, loginId: 'l1', resourceId: 'r1' });
  return decision.allowed ? decision.rule : decision.reason;
};

it('allows by the rule that reaches the resource, and names it', () => expect(ask(policy())).toBe('role readers'));
it('denies everything that is not allowed', () => {
  expect(ask(policy({ reaches: [] }))).toBe('no grant');
  expect(ask(policy({ roles: [] }))).toBe('no grant');
  expect(ask(policy(), 'a2')).toBe('no grant');
  expect(ask(policy({ resources: [] }))).toBe('resource deleted');
});
it('checks revocations before anything else', () => {
  expect(ask(policy({ revoked: ['account a1'] }))).toBe('account suspended');
  expect(ask(policy({ revoked: ['login l1'] }))).toBe('login ended');
  expect(ask(policy({ revoked: ['login l2', 'account a2'] }))).toBe('role readers');
});

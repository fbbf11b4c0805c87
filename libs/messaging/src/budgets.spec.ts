import { budgetOf, OPERATIONS, ProblemError } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { Budgets } from './budgets.js';

const refusalOf = (spend: () => void) => {
  try {
    spend();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  return undefined;
};

it.each(OPERATIONS)('limits $id, and says when it is available again', (operation) => {
  let now = 0;
  const budgets = new Budgets(() => now);
  const budget = budgetOf(operation);
  expect(budget).toBeGreaterThan(0);
  expect(budget).toBeLessThanOrEqual(operation.callers === 'anybody' || operation.callers.includes('user') ? 1200 : 30_000);
  budgets.spend(operation, 'somebody');
  now = 20_500;
  for (let i = 1; i < budget; i++) budgets.spend(operation, 'somebody');
  expect(refusalOf(() => budgets.spend(operation, 'somebody'))).toMatchObject({
    status: 429,
    code: 'too_many_calls',
    retryAfter: 40,
  });
  budgets.spend(operation, 'somebody else');
  now = 60_001;
  expect(refusalOf(() => budgets.spend(operation, 'somebody'))).toBeUndefined();
});

it('counts only a bounded number of addresses separately', () => {
  const budgets = new Budgets(() => 0);
  const operation = { id: 'x', callers: 'anybody', budget: 10 } as const;
  budgets.spend(operation, 'the first');
  let refused = 0;
  for (let i = 0; i < 60_000; i++) if (refusalOf(() => budgets.spend(operation, `made-up-${i}`))) refused++;
  expect(refused).toBe(60_000 - 49_999 - 10);
  expect(refusalOf(() => budgets.spend(operation, 'the first'))).toBeUndefined();

  const ofAccounts = { id: 'y', callers: ['user'], budget: 1 } as const;
  for (const account of ['one', 'another']) expect(refusalOf(() => budgets.spend(ofAccounts, account))).toBeUndefined();
});

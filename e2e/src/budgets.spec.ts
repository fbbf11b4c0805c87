import 'reflect-metadata';
import {
  budgetOf,
  noteDenied,
  type Operation,
  OPERATIONS,
  operationSubject,
  ProblemError,
  showMe,
  unauthenticated,
} from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { BusStrategy, type DeniedCall } from '@sluice/messaging/nest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PrivateNats } from './private-nats.js';

const ACCOUNT = '00000000-0000-4000-8000-000000000001';
const denied: DeniedCall[] = [];

let nats: PrivateNats;
let service: Bus;
let client: Bus;
let strategy: BusStrategy;

beforeAll(async () => {
  nats = await PrivateNats.start();
  [service, client] = await Promise.all([nats.join(), nats.join()]);
  strategy = new BusStrategy(
    service,
    {
      identify: ({ token }) => {
        if (token === 'none') return Promise.reject(unauthenticated());
        return Promise.resolve({ accountId: token ?? ACCOUNT, email: 'user@example.test', loginId: ACCOUNT, apiRole: 'user' });
      },
      noteDenied: (what) => Promise.resolve(void denied.push(what)),
    },
    ({ error }) => {
      throw error;
    },
  );
  // whatever the input: budgets come before it is looked at
  for (const operation of OPERATIONS)
    strategy.addHandler(operationSubject(operation), () => Promise.resolve({}), false, { operation });
  strategy.listen(() => undefined);
  await service.connection.flush();
});
afterAll(async () => {
  await strategy.close();
  await Promise.all([service.close(), client.close()]);
  await nats.stop();
});

/** What one call is answered. */
const call = async (operation: Operation, asker: { token?: string; clientAddress?: string }) => {
  const error: unknown = await client.call(operation, {}, { requestId: 'budget', ...asker }).catch((cause: unknown) => cause);
  return error instanceof ProblemError ? error.problem : undefined;
};
/** Calls until the budget of a minute is spent, which may be the next minute's where this one ends meanwhile. @returns the last answer */
async function spend(operation: Operation, asker: { token?: string; clientAddress?: string }) {
  for (let left = 2 * budgetOf(operation); left > 0; left -= 100) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(operation, asker)));
    const refused = answers.find((problem) => problem?.status === 429);
    if (refused) return refused;
  }
  return undefined;
}

const open = OPERATIONS.filter(({ callers }) => callers === 'anybody' || callers.includes('user'));

it.each(open)('answers 429 where one caller spends the budget of $id, and continues to serve others', async (operation) => {
  const caller = operation.callers === 'anybody' ? { clientAddress: '192.0.2.1' } : { token: ACCOUNT };
  const other = operation.callers === 'anybody' ? { clientAddress: '192.0.2.2' } : { token: ACCOUNT.replace(/1$/, '2') };
  expect(await spend(operation, caller)).toMatchObject({
    status: 429,
    code: 'too_many_calls',
    retryAfter: expect.any(Number) as number,
  });
  expect((await call(operation, other))?.status).not.toBe(429);
});

it('answers 429 to one address that repeats an invalid token', async () => {
  const asker = { token: 'none', clientAddress: '192.0.2.3' };
  expect((await call(showMe, asker))?.status).toBe(401);
  expect(await spend({ ...showMe, budget: 6000 }, asker)).toMatchObject({ status: 429 });
  expect((await call(showMe, { ...asker, clientAddress: '192.0.2.4' }))?.status).toBe(401);
});

it('records each call that the API role does not allow, with its caller and address', async () => {
  const administration = OPERATIONS.filter(({ callers }) => callers !== 'anybody' && !callers.includes('user'));
  for (const operation of administration)
    expect((await call(operation, { token: ACCOUNT, clientAddress: '192.0.2.5' }))?.code).toBe('forbidden');
  expect(denied.map(({ operation, actor, caller }) => [operation.id, actor.accountId, caller.clientAddress])).toEqual(
    administration.map(({ id }) => [id, ACCOUNT, '192.0.2.5']),
  );
  expect(noteDenied.callers).toContain('user');
});

it('notes a bounded number of denied calls of an account, whichever it calls, and answers 429 to the rest', async () => {
  const administration = OPERATIONS.filter(({ callers }) => callers !== 'anybody' && !callers.includes('user'));
  const account = ACCOUNT.replace(/1$/, '9');
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => call(administration[i % administration.length] as Operation, { token: account })),
  );
  expect(new Set(answers.map((problem) => problem?.status))).toEqual(new Set([403, 429]));
  const noted = denied.filter(({ actor }) => actor.accountId === account);
  expect(noted.length).toBeLessThanOrEqual(240); // of two minutes, where one ends meanwhile
  expect(noted.length).toBe(answers.filter((problem) => problem?.status === 403).length);
  expect((await call(showMe, { token: account }))?.status).not.toBe(429);
});

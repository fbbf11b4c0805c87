import { ApiError } from '@sluice/sdk';
import { expect, it } from 'vitest';
import { EndedLogin } from './ended-login.js';
import type { StoredLogin } from './stored-login.js';

const login = (token: string) => ({ token }) as StoredLogin;
const ENDED = new ApiError(401, 'unauthenticated', 'this login is not valid any more: sign in again');

it('is reported once, and no longer holds for another login or once the API accepts the same one', () => {
  const reported: string[] = [];
  const ended = new EndedLogin(({ token }) => reported.push(token));
  expect(ended.confirms(login('first'), ENDED)).toBe(true);
  expect(ended.confirms(login('first'), ENDED)).toBe(true);
  expect(reported).toEqual(['first']);
  expect([ended.is(login('first')), ended.is(login('second'))]).toEqual([true, false]);
  ended.revive(login('second'));
  expect(ended.is(login('first'))).toBe(true);
  ended.revive(login('first'));
  expect(ended.is(login('first'))).toBe(false);
});

it('is not concluded from an API that is unavailable', () => {
  const ended = new EndedLogin(() => expect.fail('reported'));
  for (const error of [new ApiError(503, 'unavailable', 'down'), new ApiError(0, 'no_answer', 'down'), new Error('ECONNRESET')])
    expect(ended.confirms(login('first'), error)).toBe(false);
  expect(ended.is(login('first'))).toBe(false);
});

import { ApiError } from '@sluice/sdk';
import { expect, it } from 'vitest';
import { EndedLogin } from './ended-login.js';
import type { StoredLogin } from './stored-login.js';

const login = (token: string) => ({ token }) as StoredLogin;
const ENDED = new ApiError(401, 'unauthenticated', 'this login is not valid any more: sign in again');

it('is said once, and is over with another login or an answer to the same', () => {
  const said: string[] = [];
  const ended = new EndedLogin(({ token }) => said.push(token));
  expect(ended.confirms(login('first'), ENDED)).toBe(true);
  expect(ended.confirms(login('first'), ENDED)).toBe(true);
  expect(said).toEqual(['first']);
  expect([ended.is(login('first')), ended.is(login('second'))]).toEqual([true, false]);
  ended.takeBack(login('second'));
  expect(ended.is(login('first'))).toBe(true);
  ended.takeBack(login('first'));
  expect(ended.is(login('first'))).toBe(false);
});

it('is not heard in an API that is away', () => {
  const ended = new EndedLogin(() => expect.fail('said'));
  for (const error of [new ApiError(503, 'unavailable', 'away'), new ApiError(0, 'no_answer', 'away'), new Error('ECONNRESET')])
    expect(ended.confirms(login('first'), error)).toBe(false);
  expect(ended.is(login('first'))).toBe(false);
});

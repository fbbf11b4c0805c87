import { expect, it } from 'vitest';
import { hashPassword, isPassword, parsePassword } from './password.js';

const codeOf = (password: string, email = 'alice.jones@example.com') => {
  const outcome = parsePassword(password, email);
  return outcome.ok ? 'ok' : outcome.refusal.code;
};

it('requires 12 to 128 characters, regardless of their number of bytes', () => {
  expect(codeOf('zug7 vogel k')).toBe('ok');
  expect(codeOf('zug7 vogel ')).toBe('password_too_short');
  expect(codeOf('漢字仮名交じり文の良い合言葉')).toBe('ok');
  const long = Array.from({ length: 128 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
  expect(codeOf(long)).toBe('ok');
  expect(codeOf(`${long}x`)).toBe('password_too_long');
});

it('rejects common passwords, repetition, and words that belong to the account', () => {
  for (const password of ['aaaaaaaaaaaa', 'abababababab', '123412341234', 'passwordpassword', 'qwertyuiop123'])
    expect([password, codeOf(password)]).toEqual([password, 'password_common']);
  for (const password of ['alice.jones@example.com', 'alicejones2026', 'Jones-Alice-1!', 'sluice-example-1', 'ALICE.JONES.ALICE'])
    expect([password, codeOf(password)]).toEqual([password, 'password_guessable']);
  for (const password of ['correct horse battery staple', 'jones keeps bees in Utrecht', 'x9!kT-alice-qv8Zr'])
    expect([password, codeOf(password)]).toEqual([password, 'ok']);
});

it('treats the same characters as the same password, however they are composed', async () => {
  const stored = await hashPassword('cafe\u0301 au lait 7');
  expect(await isPassword(stored, 'caf\u00e9 au lait 7')).toBe(true);
  expect(await isPassword(stored, 'cafe au lait 7')).toBe(false);
});

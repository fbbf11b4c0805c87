import { randomBytes } from 'node:crypto';
import { dictionary } from '@zxcvbn-ts/language-common';
import { hash, verify } from '@node-rs/argon2';
import { accept, type Outcome, refuse } from '@sluice/domain';

/** argon2id, 19 MiB, two passes: about 20 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What is stored of a password. */
export const hashPassword = (password: string): Promise<string> => hash(password, COST);

/** Whether a password is the one that was stored. */
export const isPassword = (stored: string, password: string): Promise<boolean> => verify(stored, password);

/** A password made for somebody: 128 bits, readable. */
export const makePassword = (): string => randomBytes(16).toString('base64url');

const COMMON = new Set(dictionary['passwords-common']);

/** Whether a password is a commonly used one, one of these written more than once, or few characters again and again. */
function isCommon(password: string): boolean {
  const plain = password.toLowerCase();
  const unit = /^(.+?)\1+$/su.exec(plain)?.[1];
  return COMMON.has(plain) || new Set(plain).size < 5 || (unit !== undefined && (unit.length < 4 || COMMON.has(unit)));
}

/** A password that somebody chose: at least twelve characters, and none that a guesser tries first (NIST SP 800-63B). */
export function parsePassword(password: string): Outcome<string> {
  if ([...password].length < 12) return refuse('password_too_short', 'a password has at least 12 characters', 'password');
  if (isCommon(password))
    return refuse('password_common', 'this password is among the first that somebody would guess', 'password');
  return accept(password);
}

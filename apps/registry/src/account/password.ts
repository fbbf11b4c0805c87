import { randomBytes } from 'node:crypto';
import { dictionary } from '@zxcvbn-ts/language-common';
import { hash, verify } from '@node-rs/argon2';
import { accept, type Outcome, refuse } from '@sluice/domain';

/** Cost of argon2id: 19 MiB of memory and two passes, about 20 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash to store for a password. The text is normalized, because keyboards may compose the same characters differently. */
export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), COST);

/** Whether a password matches a stored hash. */
export const isPassword = (stored: string, password: string): Promise<boolean> => verify(stored, password.normalize('NFKC'));

/** A generated password with 128 bits of randomness, which can be typed. */
export const makePassword = (): string => randomBytes(16).toString('base64url');

const COMMON = new Set(dictionary['passwords-common']);
const MIN_CHARACTERS = 12;
const MAX_CHARACTERS = 128;
/** How many characters must remain of a password after removing words that a guesser knows, such as parts of the e-mail. */
const OWN_CHARACTERS = 6;

/** Whether a password is commonly used, repeats a common one, or consists of few characters repeated. */
function isCommon(password: string): boolean {
  const plain = password.toLowerCase();
  const unit = /^(.+?)\1+$/su.exec(plain)?.[1];
  return COMMON.has(plain) || new Set(plain).size < 5 || (unit !== undefined && (unit.length < 4 || COMMON.has(unit)));
}

/** Whether a password is little more than words that belong to its account. */
function isAboutAccount(password: string, email: string): boolean {
  const words = [...new Set(['sluice', 'password', ...email.toLowerCase().split(/[^\p{L}\p{N}]+/u)])].filter(
    (word) => word.length > 2,
  );
  const whole = email.toLowerCase();
  let rest = password.toLowerCase().replaceAll(whole, '');
  for (const word of words.sort((a, b) => b.length - a.length)) rest = rest.replaceAll(word, '');
  return [...rest.replaceAll(/[^\p{L}\p{N}]/gu, '')].length < OWN_CHARACTERS && rest.length < password.length;
}

/** Checks a password that somebody chose: 12 to 128 characters, and not easily guessed (NIST SP 800-63B). @param email of the account */
export function parsePassword(password: string, email: string): Outcome<string> {
  const characters = [...password.normalize('NFKC')].length;
  if (characters < MIN_CHARACTERS)
    return refuse('password_too_short', `a password has at least ${MIN_CHARACTERS} characters`, 'password');
  if (characters > MAX_CHARACTERS)
    return refuse('password_too_long', `a password has at most ${MAX_CHARACTERS} characters`, 'password');
  if (isCommon(password.normalize('NFKC')))
    return refuse('password_common', 'this password is among the first that somebody would guess', 'password');
  if (isAboutAccount(password.normalize('NFKC'), email))
    return refuse('password_guessable', 'this password is little more than words that belong to the account', 'password');
  return accept(password);
}

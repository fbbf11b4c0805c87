import { randomBytes } from 'node:crypto';
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

/** A password that somebody chose: at least twelve characters. */
export function parsePassword(password: string): Outcome<string> {
  if ([...password].length < 12) return refuse('password_too_short', 'a password has at least 12 characters', 'password');
  return accept(password);
}

import { Injectable } from '@nestjs/common';
import { ProblemError } from '@sluice/contracts';

const WINDOW_MS = 5 * 60_000;
const ALLOWED = 10;
const REMEMBERED = 10_000;
/** One account is one key, however its e-mail is spelled: as the look-up normalizes it. */
const keyOf = (email: string): string => email.normalize('NFC').trim().toLowerCase();

/** Counts failed sign-ins per e-mail, so that passwords cannot be guessed at speed. Per process, and bounded. */
@Injectable()
export class FailedLogins {
  private readonly failures = new Map<string, { count: number; until: number }>();

  /** @throws ProblemError 429 after ten failures within five minutes. */
  check(email: string): void {
    const entry = this.failures.get(keyOf(email));
    if (!entry || entry.until < Date.now() || entry.count < ALLOWED) return;
    const seconds = Math.ceil((entry.until - Date.now()) / 1000);
    throw new ProblemError(429, 'too_many_failures', `too many failed sign-ins for this e-mail: try again in ${seconds} s`);
  }

  note(email: string): void {
    const key = keyOf(email);
    const entry = this.failures.get(key);
    const count = entry && entry.until >= Date.now() ? entry.count + 1 : 1;
    this.failures.delete(key);
    this.failures.set(key, { count, until: Date.now() + WINDOW_MS });
    const oldest = this.failures.keys().next().value;
    if (this.failures.size > REMEMBERED && oldest !== undefined) this.failures.delete(oldest);
  }

  forget(email: string): void {
    this.failures.delete(keyOf(email));
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ProblemError } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import { hashSecret } from '@sluice/identity';
import { DataSource } from 'typeorm';
import { hashPassword, isPassword } from '../account/password.js';
import { noteRefusal } from '../refusal/note-refusal.js';
import type { Candidate } from './candidate.js';
import { KNOWN_FOR, KnownAddresses } from './known-addresses.js';
import { type Applicant, SignInLimits } from './sign-in-limits.js';
import { SignInQueues } from './sign-in-queues.js';

/** Compared with if an account does not exist or has no password, so that the response takes as long as for a wrong password. */
const decoyHash = hashPassword(randomUUID());

/** What somebody signs in with. */
export interface Credentials {
  readonly email: string;
  readonly secret: string;
}

/** Checks passwords and one-time codes. This is the only place that does, so that concurrency, delays and counts of failures cover all checks. */
@Injectable()
export class SignIn {
  constructor(
    private readonly database: DataSource,
    private readonly queues: SignInQueues,
    private readonly known: KnownAddresses,
    private readonly limits: SignInLimits,
  ) {}

  /**
   * Checks e-mail and password.
   * @throws ProblemError 401, which does not reveal which of them was wrong; 429 after too many failures; 403 for a one-time code, with which a new password must be set first
   */
  async checkPassword(credentials: Credentials, clientAddress: string | undefined): Promise<Candidate> {
    const candidate = await this.check(credentials, clientAddress, async (found) => {
      const right = await isPassword(found?.passwordHash ?? (await decoyHash), credentials.secret);
      return right || isCode(found, credentials.secret);
    });
    if (isCode(candidate, credentials.secret))
      throw new ProblemError(
        403,
        'password_must_be_changed',
        'this is a one-time code: it lets you set a new password, with `sluice passwd`',
      );
    return candidate;
  }

  /** Checks e-mail and one-time code. @throws ProblemError as for a password */
  checkCode(credentials: Credentials, clientAddress: string | undefined): Promise<Candidate> {
    return this.check(credentials, clientAddress, (found) => Promise.resolve(isCode(found, credentials.secret)));
  }

  private async check(
    { email, secret }: Credentials,
    clientAddress: string | undefined,
    isRight: (candidate: Candidate | undefined) => Promise<boolean>,
  ): Promise<Candidate> {
    const address = addressKey(clientAddress);
    return this.queues.run(address, await this.known.has(address), async () => {
      const candidate = await this.find(email, address);
      const applicant = { accountKey: candidate?.id ?? keyOfUnknownEmail(email), address, known: candidate?.known ?? false };
      await this.enter(applicant, candidate);
      if (!candidate || !(await isRight(candidate))) {
        if (!candidate) await isRight(undefined);
        this.queues.noteFailure(address);
        await noteRefusal(this.database, { kind: 'login failed', account: candidate, address });
        throw whyNot(candidate, secret);
      }
      this.queues.noteSuccess(address);
      await this.limits.succeed(applicant);
      if (candidate.status === 'suspended')
        throw new ProblemError(403, 'account_suspended', 'this account is suspended; an administrator can resume it');
      return candidate;
    });
  }

  private async enter(applicant: Applicant, account: Candidate | undefined): Promise<void> {
    try {
      await this.limits.enter(applicant);
    } catch (error) {
      if (error instanceof ProblemError)
        await noteRefusal(this.database, { kind: 'login limited', account, address: applicant.address });
      throw error;
    }
  }

  private async find(email: string, address: string): Promise<Candidate | undefined> {
    const [candidate] = await this.database.query<Candidate[]>(
      `select a.id, a.email, a.api_role as "apiRole", a.status, a.password_hash as "passwordHash",
              case when r.is_good then r.code_hash end as "codeHash",
              case when not r.is_good then r.code_hash end as "spentCodeHash", coalesce(r.used, false) as "codeUsed",
              k.account_id is not null as known
         from account a
         left join lateral (select code_hash, used_at is not null as used, used_at is null and expires_at > now() as is_good
                              from reset_code where account_id = a.id) r on true
         left join known_address k on k.account_id = a.id and k.address = $2 and k.last_at > now() - $3::interval
        where lower(a.email) = lower($1) and a.status <> 'deleted'`,
      [email.normalize('NFC').trim(), address, KNOWN_FOR],
    );
    return candidate;
  }
}

/** Why somebody is not let in. That a code is spent is said to those only who have the code itself, which nobody can guess. */
function whyNot(candidate: Candidate | undefined, secret: string): ProblemError {
  if (candidate?.spentCodeHash !== hashOfCode(secret))
    return new ProblemError(401, 'wrong_credentials', 'the e-mail or the password is wrong');
  const message = candidate.codeUsed
    ? 'this one-time code was used already: sign in with the password that was set with it, or have an administrator make another code'
    : 'this one-time code has expired: have an administrator make another one';
  return new ProblemError(401, candidate.codeUsed ? 'code_used' : 'code_expired', message);
}

const hashOfCode = (secret: string): string => hashSecret(secret.trim());

const isCode = (candidate: Candidate | undefined, secret: string): boolean =>
  typeof candidate?.codeHash === 'string' && candidate.codeHash === hashOfCode(secret);

/** The key by which attempts for an unknown e-mail are counted, as if it belonged to an account. */
const keyOfUnknownEmail = (email: string): string =>
  createHash('sha256').update(email.normalize('NFC').trim().toLowerCase()).digest('base64url');

import { ApiError } from '@sluice/sdk';
import type { StoredLogin } from './stored-login.js';

/** The login that the API did not know any more when it was last asked: somebody ended it before its time. */
export class EndedLogin {
  /** Secret. */
  private token: string | undefined;

  constructor(private readonly say: (login: StoredLogin) => void) {}

  /** Whether this is the login that has ended. */
  is(login: StoredLogin): boolean {
    return this.token === login.token;
  }

  /** Whether an error is the API's word that a login has ended; it is said once. */
  confirms(login: StoredLogin, error: unknown): boolean {
    if (!(error instanceof ApiError && error.status === 401)) return false;
    if (!this.is(login)) this.say(login);
    this.token = login.token;
    return true;
  }

  /** The API has answered to this login: it is valid after all. */
  takeBack(login: StoredLogin): void {
    if (this.is(login)) this.token = undefined;
  }
}

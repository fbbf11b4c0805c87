import { ApiError } from '@sluice/sdk';
import type { StoredLogin } from './stored-login.js';

/** Remembers the login that the API rejected as no longer valid, because somebody ended it before it expired. */
export class EndedLogin {
  /** The token of that login. Secret. */
  private token: string | undefined;

  /** @param onEnded called once for each login that ends */
  constructor(private readonly onEnded: (login: StoredLogin) => void) {}

  /** Whether this login has ended. */
  is(login: StoredLogin): boolean {
    return this.token === login.token;
  }

  /** Whether an error is the API's statement that a login has ended; if so, remembers it. */
  confirms(login: StoredLogin, error: unknown): boolean {
    if (!(error instanceof ApiError && error.status === 401)) return false;
    if (!this.is(login)) this.onEnded(login);
    this.token = login.token;
    return true;
  }

  /** Forgets that a login has ended, because the API accepted it after all. */
  revive(login: StoredLogin): void {
    if (this.is(login)) this.token = undefined;
  }
}

import { ApiError, createSluiceClient, type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { z } from 'zod';
import { askAgent } from '../control/control-client.js';
import type { AgentConfig } from '../config.js';
import { forgetLogin, readLogin, type StoredLogin } from '../login/stored-login.js';
import { addCommand, run } from '../command/command.js';
import { printWithdrawn } from '../command/reach.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice logout`. */
export function addLogoutCommand(program: Command, config: AgentConfig): void {
  addCommand(program, 'logout', {
    summary: 'sign out: ends the login, its certificates and its sessions',
    example: 'logout',
    more: 'Only the system can end a login. While it does not answer, you stay signed in, unless you give --local.',
  })
    .option('--local', 'if the system does not answer, sign out on this machine alone; the login stays valid until it expires')
    .action((options: OutputOptions & { local?: boolean }) =>
      run(options, async ({ out, now }) => {
        const login = readLogin(config);
        if (!login) throw new Error('nobody is signed in here');
        now('waiting for the relays');
        const ended = await endLogin(login); // first, so that its sessions end for this reason
        if (!ended.ended && options.local !== true) throw new Error(stillSignedIn(login, ended.why));
        await askAgent(config.controlSocket, 'stop', {}, z.object({})).catch(() => undefined);
        forgetLogin(config);
        const { account } = login;
        if (ended.ended) return printWithdrawn(out, { account, signedOut: true, reach: ended.reach }, 'Signed out.');
        const { loginId, expiresAt } = login;
        out.done({ account, signedOut: true, loginEnded: false, loginId, expiresAt, why: ended.why }, onlyHere(login, ended.why));
      }),
    );
}

type Ended = { ended: true; reach: Schemas['Reach'] | undefined } | { ended: false; why: string };

/** Ends a login at the system, unless it has ended already. */
async function endLogin(login: StoredLogin): Promise<Ended> {
  try {
    const api = createSluiceClient({ server: login.server, token: login.token });
    const { reach } = await unwrap(api.DELETE('/api/v1/logins/current'));
    return { ended: true, reach };
  } catch (error) {
    return isOver(login, error) ? { ended: true, reach: undefined } : { ended: false, why: (error as Error).message };
  }
}

/** Whether nobody can use a login any more, although it was not ended now: suspending an account ends its logins too. */
const isOver = (login: StoredLogin, error: unknown): boolean =>
  Date.parse(login.expiresAt) <= Date.now() ||
  (error instanceof ApiError && (error.status === 401 || error.code === 'account_suspended'));

const stillSignedIn = ({ expiresAt }: StoredLogin, why: string): string =>
  `${why}. You are still signed in, because only the system can end your login, which is valid until ${showTime(expiresAt)}: ` +
  'try again later, or sign out on this machine alone with `sluice logout --local`';

const onlyHere = ({ server, loginId, expiresAt }: StoredLogin, why: string): string =>
  `Signed out on this machine alone: ${why}.\n` +
  `The login stays valid until ${showTime(expiresAt)}. To end it sooner, sign in again (sluice login --server ${server}), and end it by its id: ` +
  `sluice logins end ${loginId ?? 'ID, as `sluice logins list` shows it'}`;

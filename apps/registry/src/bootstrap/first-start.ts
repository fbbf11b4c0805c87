import { readFileSync, writeFileSync } from 'node:fs';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AccountTable } from '../account/account.table.js';
import { addUserTo } from '../account/users.js';
import { type Change, Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import { createToken } from '../node/nodes.js';

const INSTALLATION = { id: 'installation', email: '' };
/** Key of the advisory lock held while these are created. */
const FIRST_START_LOCK = 7223;

/** Creates the first administrator and a token for the first relay, if the environment asks for them and there has never been one. */
@Injectable()
export class FirstStart implements OnApplicationBootstrap {
  constructor(
    private readonly changes: Changes,
    private readonly config: RegistryConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { firstAdminEmail: email, firstAdminPasswordFile: passwordFile, firstNodeTokenFile, publicUrl } = this.config;
    if (email !== undefined && passwordFile !== undefined)
      await this.once(async (change) => {
        if (await change.tx.getRepository(AccountTable).exists()) return;
        await addUserTo(change, { email, apiRole: 'administrator', password: readFileSync(passwordFile, 'utf8').trim() });
      });
    if (firstNodeTokenFile !== undefined) {
      const made = await this.once(async (change) => {
        if ((await change.tx.query<unknown[]>('select 1 from enrolment_token limit 1')).length > 0) return undefined;
        return createToken(change, publicUrl, { name: 'relay-1' });
      });
      if (made) writeFileSync(firstNodeTokenFile, `${made.token}\n`, { mode: 0o600 });
    }
  }

  /** Makes a change while no other registry does: several may start at the same time. */
  private once<T>(work: (change: Change) => Promise<T>): Promise<T> {
    return this.changes.make(INSTALLATION, 'first-start', async (change) => {
      await change.tx.query('select pg_advisory_xact_lock($1)', [FIRST_START_LOCK]);
      return work(change);
    });
  }
}

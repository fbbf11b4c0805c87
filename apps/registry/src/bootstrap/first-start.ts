import { readFileSync, writeFileSync } from 'node:fs';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccountTable } from '../account/account.table.js';
import { addUserTo } from '../account/users.js';
import { Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import { createToken } from '../node/nodes.js';
import { Organization } from '../organization/organization.js';

const INSTALLATION = { id: 'installation', email: '' };

/** Creates the first administrator and a token for the first relay, if the environment asks for them and there has never been one. */
@Injectable()
export class FirstStart implements OnApplicationBootstrap {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly organization: Organization,
    private readonly config: RegistryConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { firstAdminEmail: email, firstAdminPasswordFile: passwordFile, firstNodeTokenFile, publicUrl } = this.config;
    if (email !== undefined && passwordFile !== undefined && !(await this.database.getRepository(AccountTable).exists())) {
      const password = readFileSync(passwordFile, 'utf8').trim();
      await this.changes.make(INSTALLATION, 'first-start', (change) =>
        addUserTo(change, { email, apiRole: 'administrator', password }),
      );
    }
    if (firstNodeTokenFile !== undefined && !(await this.hasToken())) {
      const { token } = await this.changes.make(INSTALLATION, 'first-start', (change) =>
        createToken(change, this.organization, publicUrl, { name: 'relay-1' }),
      );
      writeFileSync(firstNodeTokenFile, `${token}\n`, { mode: 0o600 });
    }
  }

  private async hasToken(): Promise<boolean> {
    return (await this.database.query<unknown[]>('select 1 from enrolment_token limit 1')).length > 0;
  }
}

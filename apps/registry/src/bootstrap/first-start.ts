import { readFileSync, writeFileSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { addUserTo } from '../account/users.js';
import type { Changes } from '../change/change.js';
import type { RegistryConfig } from '../config.js';
import { createToken } from '../node/nodes.js';
import type { Organization } from '../organization/organization.js';

const INSTALLATION = { id: 'installation', email: '' };

/** Makes the first administrator, and a token for the first relay, where the environment asks for them and none was ever made. */
export async function firstStart(
  database: DataSource,
  changes: Changes,
  organization: Organization,
  config: RegistryConfig,
): Promise<void> {
  const { firstAdmin, firstNodeTokenFile } = config;
  if (firstAdmin !== undefined && (await isEmpty(database, 'account'))) {
    const password = readFileSync(firstAdmin.passwordFile, 'utf8').trim();
    await changes.make(INSTALLATION, 'first-start', (change) =>
      addUserTo(change, { email: firstAdmin.email, apiRole: 'administrator', password }),
    );
  }
  if (firstNodeTokenFile !== undefined && (await isEmpty(database, 'enrolment_token'))) {
    const { token } = await changes.make(INSTALLATION, 'first-start', (change) =>
      createToken(change, organization, config.publicUrl, { name: 'relay-1' }),
    );
    writeFileSync(firstNodeTokenFile, `${token}\n`, { mode: 0o600 });
  }
}

async function isEmpty(database: DataSource, table: 'account' | 'enrolment_token'): Promise<boolean> {
  return (await database.query<unknown[]>(`select 1 from ${table} limit 1`)).length === 0;
}

import 'reflect-metadata';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { DatabaseAwayError, openDatabase } from '@sluice/persistence';
import { runTask } from '@sluice/process';
import { AccountTable } from './account/account.table.js';
import { readDatabaseUrl } from './config.js';
import { recoverAdministrator } from './bootstrap/recover-administrator.js';

// Run as `node apps/registry/bundle/recover-admin.js --email E` on the registry's machine, with its DATABASE_URL or DATABASE_URL_FILE.

await runTask('recover-admin', async () => {
  const { values } = parseArgs({ options: { email: { type: 'string' } } });
  const database = await openDatabase({
    url: readDatabaseUrl(),
    schema: 'registry',
    tables: [AccountTable],
    poolSize: 2,
    waitMs: 0,
  }).catch((error: unknown) => {
    if (!(error instanceof DatabaseAwayError)) throw error;
    const message = `${error.message}. Start the installation first, with \`npm start\` for example, and repeat this while it runs`;
    throw new Error(message, { cause: error });
  });
  try {
    const { email, code, expiresAt } = await recoverAdministrator(database, values.email, userInfo().username);
    process.stdout.write(`One-time code for ${email}, shown once, good until ${expiresAt}: ${code}\n`);
    process.stdout.write(`With it, set a new password: npx sluice passwd --server URL --email ${email}\n`);
  } finally {
    await database.destroy();
  }
});

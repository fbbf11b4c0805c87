// `npm run recover-admin -- --email E`: a one-time code for an administrator of an installation that `npm start` runs here.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { readOptions } from './read-options.mjs';

const USAGE =
  'Usage: npm run recover-admin -- --email E    deletes the password and logins of an administrator, and creates a one-time code';
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { email } = readOptions('recover-admin', USAGE, { email: { type: 'string' } });
await build();
const { defaultHome, readSideSettings } = await import('@sluice/embedded');
let home;
try {
  home = readSideSettings(process.env).SLUICE_HOME ?? defaultHome(root);
} catch (error) {
  console.error(`recover-admin: ${error.message}`);
  process.exit(2);
}

/** The database URL of the registry's role: of the embedded database, or that of DATABASE_URL. */
function databaseUrl() {
  const read = (...parts) => readFileSync(path.join(home, ...parts), 'utf8').trim();
  const url = new URL(process.env.DATABASE_URL || `postgres://127.0.0.1:${read('postgres', 'port')}/sluice`);
  url.username = 'sluice_registry';
  url.password = encodeURIComponent(read('secrets', 'postgres-registry'));
  return url.href;
}

try {
  const env = { ...process.env, DATABASE_URL: databaseUrl() };
  const main = path.join(root, 'apps', 'registry', 'bundle', 'recover-admin.js');
  process.exitCode =
    spawnSync(process.execPath, [main, ...(email === undefined ? [] : ['--email', email])], { env, stdio: 'inherit' }).status ??
    1;
} catch (error) {
  console.error(`recover-admin: there is no installation in ${home} (SLUICE_HOME): ${error.message}`);
  process.exitCode = 1;
}

// `node bench/audit.mjs`, after `npm run build`: what it takes to keep records, and to find them among many. Tables in Markdown.
//   --records N      records that are searched (default 10,000,000; that takes some ten minutes and 8 GB)
//   --times N        searches of each kind (default 40)
//   --sessions N     sessions whose facts are stored at once (default 50,000), and that are exported (a fifth of that)
//   --only PARTS     search,ingest,retention,whole (default: all of these)
//   --home FOLDER    keep the database there, so that the records need not be made again
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { listSessions } from '@sluice/contracts';
import { loadMigration, startPostgres } from '@sluice/embedded';
import { provisionDatabase } from '@sluice/embedded/provision';
import { openDatabase } from '@sluice/persistence';
import { generate } from './audit/generate.mjs';
import { ingest } from './audit/ingest.mjs';
import { retention } from './audit/retention.mjs';
import { search } from './audit/search.mjs';
import { whole } from './audit/whole.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const number = (preset) => ({ type: 'string', default: String(preset) });
const { values } = parseArgs({
  options: {
    records: number(10_000_000),
    times: number(40),
    sessions: number(50_000),
    only: { type: 'string', default: 'search,ingest,retention,whole' },
    home: { type: 'string' },
  },
});
const [records, times, sessions] = [values.records, values.times, values.sessions].map(Number);
const parts = values.only.split(',');
const ofService = (file) => pathToFileURL(path.join(root, 'apps', 'audit', 'dist', file)).href;
const say = (line) => console.error(line);

const shown = (value) =>
  typeof value === 'number' ? (value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)) : (value ?? '');
function print(title, rows) {
  const names = Object.keys(rows[0] ?? {});
  console.log(`\n${title}\n\n| ${names.join(' | ')} |\n|${names.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${names.map((name) => shown(row[name])).join(' | ')} |`);
}

/** PostgreSQL with the audit service's tables. */
async function startDatabase(home) {
  mkdirSync(path.join(home, 'secrets'), { recursive: true });
  const file = path.join(home, 'secrets', 'owner');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const server = await startPostgres(path.join(home, 'postgres'), readFileSync(file, 'utf8'));
  const urls = await provisionDatabase(server.url, path.join(home, 'secrets'), 'sluice');
  await (
    await loadMigration(root, 'audit')
  )(urls.owner);
  return { urls, postmaster: server.process.pid, stop: () => server.stop() };
}

/** Does something with a database of its own. */
async function withDatabase(kept, work) {
  const home = kept ?? mkdtempSync(path.join(tmpdir(), 'sluice-bench-'));
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o711);
  const { urls, postmaster, stop } = await startDatabase(home);
  try {
    return await work(urls, postmaster);
  } finally {
    await stop();
    if (kept === undefined) rmSync(home, { recursive: true, force: true });
  }
}

const { searchSessions: searchWith } = await import(ofService('session/search-sessions.js'));
// gateways and clusters are searched for by their ids, so the registry is not asked for any
const searchSessions = (database, ...of) => searchWith(database, async () => ({ gateways: [], proxyClusters: [] }), ...of);
if (parts.includes('search')) {
  await withDatabase(values.home, async (urls) => {
    const { inserted, indexed } = await generate(urls.owner, records, say);
    say(`inserted in ${inserted.toFixed(0)} s, indexed in ${indexed.toFixed(0)} s`);
    const database = await openDatabase({ url: urls.audit, schema: 'audit', tables: [] });
    try {
      print(
        `Search among ${records.toLocaleString('en')} records, ms`,
        await search({ database, searchSessions, listSessions, times }),
      );
    } finally {
      await database.destroy();
    }
  });
}
if (parts.includes('ingest')) {
  await withDatabase(undefined, async (urls, postmaster) => {
    const { rows, bytes } = await ingest({ urls, postmaster, storeFactsAt: ofService('ingest/store-facts.js'), sessions });
    print(`Facts of ${sessions.toLocaleString('en')} sessions to committed records`, rows);
    print('Bytes of a session', bytes);
  });
}
if (parts.includes('retention')) {
  await withDatabase(undefined, async (urls) => {
    const importOf = (file) => import(ofService(file));
    const { ingest, drop } = await retention({ url: urls.audit, ownerUrl: urls.owner, importOf, sessions });
    print('Ingest beside retention, 2000 facts a second', ingest);
    print('Parts of chains that were dropped, ms', drop);
  });
}
if (parts.includes('whole')) {
  const { visible, sessionsPerSecond, evidence } = await whole({
    root,
    searchSessions,
    listSessions,
    times: times * 5,
    sessions: sessions / 5,
  });
  print('From the end of a session to its record in a search, ms', [visible]);
  print(
    `Evidence of ${(sessions / 5 + times * 5).toLocaleString('en')} sessions (made at ${sessionsPerSecond.toFixed(0)} a second)`,
    evidence,
  );
}

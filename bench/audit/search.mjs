// The fixed list of searches over the generated records: milliseconds of the service for a page of a hundred, and the plans.
import { createHash, randomInt } from 'node:crypto';
import { ACCOUNTS, RELAYS, SERVERS } from './generate.mjs';
import { percentile } from './percentile.mjs';

const DAY_MS = 24 * 3600 * 1000;
const idOf = (word, n) =>
  createHash('md5')
    .update(`${word} ${n}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const ago = (days) => new Date(Date.now() - days * DAY_MS).toISOString();
const emailOf = (n) => `user-${n}@${['example.com', 'corp.example', 'partner.example'][n % 3]}`;
const nameOf = (n) => `${['orders', 'billing', 'search', 'ledger', 'stock', 'mail', 'queue', 'cache'][n % 8]} ${n}`;
const account = () => randomInt(ACCOUNTS);
const server = () => randomInt(SERVERS);

/** What is searched for: a name, and a query with other values each time. */
const SEARCHES = [
  ['everything', () => ({})],
  ['a busy user by e-mail', () => ({ account: emailOf(randomInt(5)) })],
  ['any user by e-mail', () => ({ account: emailOf(account()) })],
  ['any user by id', () => ({ account: idOf('account', account()) })],
  ['any server by name', () => ({ resource: nameOf(server()) })],
  ['a user and a server', () => ({ account: emailOf(account()), resource: nameOf(server()) })],
  ['a busy user and a busy server', () => ({ account: emailOf(randomInt(20)), resource: nameOf(randomInt(20)) })],
  ['a relay', () => ({ node: `relay-${10 + randomInt(RELAYS - 10)}` })],
  ['a relay that is gone', () => ({ node: `relay-${1 + randomInt(9)}` })],
  ['a proxy cluster', () => ({ proxyCluster: 'far' })],
  ['a gateway that is gone', () => ({ gateway: idOf('gateway', 0) })],
  ['a client address', () => ({ clientAddress: `10.${randomInt(200)}.${randomInt(100)}.7` })],
  ['a rule', () => ({ rule: `role role-${randomInt(200)}` })],
  ['refused', () => ({ outcome: 'refused' })],
  ['completed', () => ({ outcome: 'completed' })],
  ['ended by an operator', () => ({ endReason: 'operator ended' })],
  ['a seldom tag', () => ({ filter: 'tag:audited=pci' })],
  ['a frequent tag', () => ({ filter: 'tag:env=prod' })],
  ['a part of a server name', () => ({ filter: `"edger ${100 + randomInt(90)}"` })],
  ['a part of an e-mail', () => ({ filter: `user-${1000 + randomInt(3000)}@` })],
  ['a part of many names', () => ({ filter: 'corp' })],
  ['a part of no name', () => ({ filter: 'nobody' })],
  ['more than 1 GB', () => ({ filter: 'bytes>=1GB' })],
  ['more than 100 MB', () => ({ filter: 'bytes>=100MB' })],
  ['longer than 8 hours', () => ({ filter: 'duration>=8h' })],
  ['running', () => ({ live: 'true' })],
  ['a day half a year ago', () => ({ since: ago(183), until: ago(182) })],
  ['a user, refused, within a quarter', () => ({ account: emailOf(account()), outcome: 'refused', since: ago(90) })],
  [
    'a server, a rule of another, a relay',
    () => ({ resource: nameOf(server()), rule: `role role-${randomInt(200)}`, node: 'relay-20' }),
  ],
  ['words, a tag, an outcome, bytes', () => ({ filter: 'orders tag:env=prod outcome:completed bytes>=1MB' })],
  [
    'a gateway that is gone, a rule, an address',
    () => ({ gateway: idOf('gateway', 1), rule: `role role-${randomInt(200)}`, clientAddress: `10.${randomInt(200)}.1.7` }),
  ],
  ['a frequent relay and a frequent tag, refused', () => ({ node: 'relay-20', filter: 'tag:env=dev', outcome: 'refused' })],
  ["a user's own", () => ({}), () => ({ accountId: idOf('account', account()), apiRole: 'user' })],
  ["a user's own, with a word", () => ({ filter: 'orders' }), () => ({ accountId: idOf('account', account()), apiRole: 'user' })],
];
const AUDITOR = () => ({ accountId: 'auditor', apiRole: 'auditor' });

/**
 * Runs every search, and from the second page to the third too where there are more.
 * @param searchSessions the service's own, of a build
 * @returns a row for each
 */
export async function search({ database, searchSessions, listSessions, times }) {
  const statements = [];
  database.logger = {
    logQuery: (sql, values) => statements.push([sql, values]),
    log() {},
    logQueryError() {},
    logQuerySlow() {},
    logSchemaBuild() {},
    logMigration() {},
  };
  const rows = [];
  for (const [name, query, actor = AUDITOR] of SEARCHES) {
    const [took, next, found] = [[], [], []];
    for (let i = -2; i < times; i++) {
      const [given, who] = [query(), actor()];
      const began = performance.now();
      statements.length = 0;
      const page = await searchSessions(database, who, listSessions.input.parse(given));
      if (i >= 0) took.push(performance.now() - began);
      found.push(page.items.length);
      if (page.nextCursor === undefined || i < 0) continue;
      const then = performance.now();
      await searchSessions(database, who, listSessions.input.parse({ ...given, cursor: page.nextCursor }));
      next.push(performance.now() - then);
    }
    rows.push({
      search: name,
      p50: percentile(took, 0.5),
      p95: percentile(took, 0.95),
      'next page p95': percentile(next, 0.95),
      found: percentile(found, 0.5),
      plan: await planOf(database, statements),
    });
  }
  return rows;
}

/** Which indexes the last page was read from. */
async function planOf(database, statements) {
  const [sql, values] = statements.findLast(([text]) => text.includes('started_key, (select c.cluster'));
  return database.transaction(async (tx) => {
    await tx.query('set local enable_bitmapscan = off; set local enable_seqscan = off');
    const [row] = await tx.query(`explain (format json) ${sql}`, values);
    const used = [];
    const visit = (node) => {
      if (node['Index Name'] !== undefined || node['Node Type'] === 'Seq Scan')
        used.push(node['Index Name'] ?? `all of ${node['Relation Name']}`);
      for (const one of node.Plans ?? []) visit(one);
    };
    visit(row['QUERY PLAN'][0].Plan);
    const counted = new Map();
    for (const one of used) if (!/relay_cluster/.test(one)) counted.set(one, (counted.get(one) ?? 0) + 1);
    return [...counted].map(([one, n]) => (n > 1 ? `${one} × ${n}` : one)).join(', ');
  });
}

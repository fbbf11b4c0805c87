import { randomUUID } from 'node:crypto';
import { SessionIds } from '@sluice/contracts';
import { sampleFact, sampleOpened } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { readFact } from '../fact/read-fact.js';
import { storeFacts } from '../ingest/store-facts.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { noteNames } from './note-names.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

/** The beginning of a session to a server with tags, of an account with an e-mail of its own. */
function beginning(tags: Record<string, string> = { env: 'Prod' }) {
  const relay = randomUUID();
  const sessionId = new SessionIds(relay).next();
  const resource = { id: 'r', name: `Ledger ${relay}`, endpoint: null, tags };
  const account = { id: `account of ${relay}`, email: `Ada.${relay}@example.com` };
  const data = { ...sampleOpened(sessionId, relay), account, resource, relay: { id: relay, name: `Relay ${relay}` } };
  return {
    relay,
    sessionId,
    message: { ...sampleFact('opened', relay, data, { incarnation: randomUUID(), number: 1 }), seq: 1 },
  };
}

const names = async (relay: string) =>
  (
    await database.query<{ kind: string; name: string }[]>(
      'select kind, name from session_name where named_by = $1 order by kind',
      [relay],
    )
  ).map(({ kind, name }) => `${kind} ${name.replace(relay, '')}`);

it('notes the names and tags of a batch once, in lower case but for tags', async () => {
  const { relay, message } = beginning({ env: 'Prod', [`key of ${randomUUID()}`]: 'x' });
  const lookedUp: string[] = [];
  const query = ((sql: string, values: unknown[]) => {
    lookedUp.push(sql);
    return database.query(sql, values);
  }) as DataSource['query'];
  const facts = [message, message].map(({ subject, data }) => readFact(subject, data));
  expect(await noteNames({ query }, facts)).toBe(true);
  expect(await names(relay)).toEqual([
    'account ada.@example.com',
    'relay relay ',
    'resource ledger ',
    expect.stringMatching(/^tag (env=Prod|key of)/),
    expect.stringMatching(/^tag/),
  ]);
  expect(lookedUp).toHaveLength(1);
  expect(await noteNames({ query }, [])).toBe(true);
  expect(lookedUp).toHaveLength(1);
});

it('leaves it to the database to note names, if that fails before the batch, and for whoever writes a record without it', async () => {
  const { relay, sessionId, message } = beginning();
  const failing = new Proxy(database, {
    get: (of, key) => (key === 'query' ? () => Promise.reject(new Error('away')) : (Reflect.get(of, key, of) as unknown)),
  });
  expect((await storeFacts(failing, [message])).quarantined).toEqual([]);
  const all = await names(relay);
  expect(all).toContain('resource ledger ');

  const other = beginning();
  await database.query(
    `insert into session (id, relay_id, state, account_id, account_email, resource_id, resource_name, relay_name, started_at, counts_differ)
     select $2, $3, 'live', 'a', 'Bob@example.com', 'r', 'Vault', 'Relay', started_at, false from session where id = $1`,
    [sessionId, other.sessionId, other.relay],
  );
  expect(await names(other.relay)).toContain('resource vault');
});

import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { createSluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';

let system: TestSystem;
let user: TestUser;
let resource: Resource;
let owner: pg.Client;
beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
  resource = await Resource.serve(echo);
  owner = await databaseOwner(system);
});
afterAll(async () => {
  await owner.end();
  resource.close();
  await user.leave();
});

/** A text as it may stand somewhere: as it is, in hexadecimal (as PostgreSQL shows bytes), and in Base64 at each of its three alignments. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url');
    return encoded.slice(4, -4); // its ends depend on the bytes beside it
  });
  return [secret, bytes.toString('hex'), ...base64];
}

/** Everything that a database dump contains, as text. */
async function dump(): Promise<string> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('registry', 'audit') and c.relkind in ('r', 'p')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await owner.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  expect(tables.length).toBeGreaterThan(10);
  return texts.join('\n');
}

/** Files below a folder of the installation that contain a text, but for those whose very purpose is to hold a secret. */
function filesWith(text: string): string[] {
  const purpose = ['--exclude=admin-password', '--exclude=identity.json', '--exclude-dir=secrets'];
  try {
    return execFileSync('grep', ['-rlaF', ...purpose, '-e', text, system.handle.home], { encoding: 'utf8' })
      .trim()
      .split('\n');
  } catch (error) {
    if ((error as { status?: number }).status === 1) return []; // nothing was found
    throw error;
  }
}

it('stores no byte that a session carried: neither database, nor bus, nor journal, nor log contains the canary', async () => {
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const canary = `canary-${randomBytes(24).toString('hex')}`;
  const answer = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(canary));
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('end', () => resolve(received)).on('error', reject);
  });
  expect(answer).toBe(canary);
  const [record] = await system.recordsWhen(server.id, ([first]) => first?.state === 'final');
  expect([record?.bytesUp, record?.bytesDown]).toEqual([canary.length, canary.length]);
  const database = await dump();
  expect(database).toContain(server.id); // the dump has what the session left
  for (const text of spellings(canary)) {
    expect(database.includes(text), text).toBe(false);
    expect(filesWith(text), text).toEqual([]);
    expect(readFileSync(path.join(user.configHome, 'agent.log'), 'utf8').includes(text)).toBe(false);
  }
});

it('keeps no password, token or key in a form that a database dump, a log or a reader of the bus could use', async () => {
  const password = `pass-${randomBytes(18).toString('hex')}`;
  const email = `${unique('leak')}@example.test`;
  await unwrap(system.admin.POST('/api/v1/users', { body: { email, apiRole: 'user', password } }));
  const nobody = createSluiceClient({ server: system.handle.url });
  const token = tokenOf(await unwrap(nobody.POST('/api/v1/logins', { body: { email, password } })));
  const wrong = `wrong-${randomBytes(18).toString('hex')}`;
  await nobody.POST('/api/v1/logins', { body: { email, password: wrong } });
  const made = await unwrap(
    system.admin.POST('/api/v1/nodes/tokens', {
      body: { name: unique('leak') },
      headers: { 'Idempotency-Key': randomUUID() }, // the answer is kept, sealed
    }),
  );
  const enrolment = JSON.parse(Buffer.from(made.token.replace('sluice-node-', ''), 'base64url').toString()) as { secret: string };
  const database = await dump();
  expect(database).toContain(email);
  const secrets = { password, wrong, token, enrolment: enrolment.secret, 'the authority’s key': 'BEGIN PRIVATE KEY' };
  for (const [what, secret] of Object.entries(secrets)) {
    for (const text of spellings(secret)) {
      expect(database.includes(text), what).toBe(false);
      expect(filesWith(text), what).toEqual([]);
    }
  }
});

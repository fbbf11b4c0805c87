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
import { writtenSpellingsOf } from './memory.js';
import { dumpOf, filesWith } from './stored.js';

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

const spellings = (secret: string): string[] => writtenSpellingsOf(secret).map(([, written]) => written);
const filesOfSystem = (text: string): string[] => filesWith(text, system.handle.home);

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
  const database = await dumpOf(owner);
  expect(database).toContain(server.id); // the dump has what the session left
  for (const text of spellings(canary)) {
    expect(database.includes(text), text).toBe(false);
    expect(filesOfSystem(text), text).toEqual([]);
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
  const database = await dumpOf(owner);
  expect(database).toContain(email);
  const secrets = { password, wrong, token, enrolment: enrolment.secret, 'the authority’s key': 'BEGIN PRIVATE KEY' };
  for (const [what, secret] of Object.entries(secrets)) {
    for (const text of spellings(secret)) {
      expect(database.includes(text), what).toBe(false);
      expect(filesOfSystem(text), what).toEqual([]);
    }
  }
});

import { request } from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSluiceClient, unwrap } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { Scene } from '../scene.js';

/** The only address whose word about the client counts. */
const PROXY = '127.0.0.9';

const WITHIN = { timeout: 30_000 };

let scene: Scene;
let owner: pg.Client;
beforeAll(async () => {
  scene = await Scene.start({ env: { gateway: { SLUICE_TRUSTED_PROXIES: PROXY } } });
  owner = await databaseOwner(scene.system);
});
afterAll(async () => {
  await owner.end();
  await scene.end();
});

interface Answer {
  status: number;
  retryAfter: number | undefined;
  body: { code?: string; title?: string; token?: string; loginId?: string };
}

/** A request from one of this machine's loopback addresses. */
function post(from: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      localAddress: from,
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    };
    const asked = request(`${scene.installation.url}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'] === undefined ? undefined : Number(response.headers['retry-after']),
          body: JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'],
        }),
      );
    });
    asked.once('error', reject);
    asked.end(JSON.stringify(body));
  });
}

const signIn = (from: string, email: string, password: string) => post(from, '/api/v1/logins', { email, password });
/** A sign-in that the proxy forwards. */
const forwarded = (client: string, email: string, password: string) =>
  post(PROXY, '/api/v1/logins', { email, password }, { 'x-forwarded-for': client });
const password = () => readFileSync(scene.user.passwordFile, 'utf8');

/** A user who has never signed in. */
async function newcomer(name: string): Promise<string> {
  const email = `${name}@example.test`;
  await unwrap(scene.system.admin.POST('/api/v1/users', { body: { email, apiRole: 'user', password: password() } }));
  return email;
}

/** Retries after the time that the response says, as a person would. */
async function patiently(attempt: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await attempt();
    if (answer.status !== 429 || tries === 5) return answer;
    await sleep((answer.retryAfter ?? 1) * 1000); // as long as the response says
  }
}

it('slows guesses down, and lets the owner sign in from everywhere else', async () => {
  const email = await newcomer('guessed');
  const answers: Answer[] = [];
  for (let i = 0; i < 15; i++) answers.push(await signIn('127.0.0.2', email, `wrong guess ${i}`));
  expect(answers.slice(0, 5).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  const slowed = answers.filter(({ status }) => status === 429);
  expect(slowed.length).toBeGreaterThanOrEqual(7);
  for (const { retryAfter, body } of slowed) {
    expect(body.code).toBe('too_many_failures');
    expect(retryAfter).toBeGreaterThanOrEqual(1);
  }
  expect((await signIn('127.0.0.3', email, password())).status).toBe(200);
});

it('accepts the client address from its own proxies only', async () => {
  const { email } = scene.user;
  const headers = { 'x-forwarded-for': '198.51.100.7:4711' };
  const viaProxy = await post(PROXY, '/api/v1/logins', { email, password: password() }, headers);
  const forged = await post('127.0.0.3', '/api/v1/logins', { email, password: password() }, headers);
  const api = createSluiceClient({ server: scene.installation.url, token: viaProxy.body.token ?? '' });
  const { items } = await unwrap(api.GET('/api/v1/me/logins', { params: { query: {} } }));
  const address = (answer: Answer) => items.find(({ id }) => id === answer.body.loginId)?.address;
  expect([address(viaProxy), address(forged)]).toEqual(['198.51.100.7', '127.0.0.3']);
});

it('slows guesses of many at one account, and never locks it: known addresses are not slowed at all', async () => {
  const email = await newcomer('besieged');
  expect((await signIn('127.0.0.4', email, password())).status).toBe(200);
  for (let guesser = 0; guesser < 14; guesser++)
    for (let i = 0; i < 4; i++) await forwarded(`198.51.100.${guesser + 100}`, email, `wrong guess ${i}`);
  expect((await forwarded('203.0.113.1', email, 'wrong again')).status).toBe(429);
  expect((await signIn('127.0.0.4', email, password())).status).toBe(200);
  expect((await patiently(() => forwarded('203.0.113.2', email, password()))).status).toBe(200);
});

it('counts the addresses of one IPv6 subscriber as one', async () => {
  const statuses: number[] = [];
  for (let i = 1; i <= 30; i++)
    statuses.push((await forwarded(`2001:db8:7:7::${i.toString(16)}`, `nobody-${i}@example.test`, 'wrong guess')).status);
  expect(statuses.slice(0, 20)).toEqual(Array<number>(20).fill(401));
  expect(statuses.slice(20)).toContain(429);
  expect((await forwarded('2001:db8:7:8::1', 'nobody@example.test', 'wrong guess')).status).toBe(401);
});

it('gives the same response for a wrong password and for an account that does not exist', async () => {
  const [wrong, none] = await Promise.all([
    forwarded('203.0.113.3', scene.user.email, 'a wrong password'),
    forwarded('203.0.113.4', 'there-is-no-such@example.test', 'a wrong password'),
  ]);
  const words = ({ status, body: { code, title } }: Answer) => ({ status, code, title });
  expect(words(none)).toEqual(words(wrong));
});

it('lets somebody sign in while another address sends two hundred requests at once', async () => {
  const email = await newcomer('in-the-flood');
  const flood = Array.from({ length: 200 }, (_, i) => signIn('127.0.0.5', `flood-${i}@example.test`, 'wrong guess'));
  await Promise.race(flood); // it is being refused
  expect((await signIn('127.0.0.6', email, password())).status).toBe(200);
  const answers = await Promise.all(flood);
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(24);
  const refused = answers.filter(({ status }) => status !== 401);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
  expect(refused.every(({ retryAfter }) => retryAfter !== undefined && retryAfter >= 1)).toBe(true);
});

it('makes failed sign-ins and denied calls activities, folded, within a bound', async () => {
  const { token } = (await signIn('127.0.0.7', scene.user.email, password())).body;
  const api = createSluiceClient({ server: scene.installation.url, token: token ?? '' });
  for (let i = 0; i < 3; i++) {
    await signIn('127.0.0.7', scene.user.email, 'a wrong password');
    expect((await api.GET('/api/v1/users', { params: { query: {} } })).response.status).toBe(403); // denied by the registry
    expect((await api.GET('/api/v1/quarantine', { params: { query: {} } })).response.status).toBe(403); // denied by the audit service
  }
  for (let i = 0; i < 60; i++) await forwarded(`2001:db8:8:${i.toString(16)}::1`, 'nobody@example.test', 'wrong guess');
  const hidden = await newcomer('behind-the-flood');
  await forwarded('2001:db8:9::1', hidden, 'a wrong password'); // after as many rows as a minute has
  const { rows: minutes } = await owner.query<{ kept: string }>(
    "select count(*) as kept from registry.refusal where kind = 'login failed' group by minute",
  );
  for (const { kept } of minutes) expect(Number(kept)).toBeLessThanOrEqual(52); // fifty, one of the account, and the rest

  await owner.query("update registry.refusal set minute = minute - interval '5 minutes'"); // as if time had passed
  const ofUser = `
    select verb, object_kind, object_id, actor_id, sum((after->>'count')::int)::int as count from registry.activity
     where verb in ('failed', 'denied') and (object_id = $1 or actor_id = $1) and after->>'address' in ('127.0.0.7', '127.0.0.1')
     group by 1, 2, 3, 4 order by 3`;
  const wanted = [
    { verb: 'failed', object_kind: 'login', object_id: scene.user.id, actor_id: 'nobody', count: 3 },
    { verb: 'denied', object_kind: 'call', object_id: 'quarantine.list', actor_id: scene.user.id, count: 3 },
    { verb: 'denied', object_kind: 'call', object_id: 'users.list', actor_id: scene.user.id, count: 3 },
  ];
  await expect
    .poll(async () => (await owner.query<object>(ofUser, [scene.user.id])).rows, WITHIN)
    .toEqual(expect.arrayContaining(wanted));
  const named = `select 1 from registry.activity f join registry.account a on a.id::text = f.object_id where f.verb = 'failed' and a.email = $1`;
  await expect.poll(async () => (await owner.query(named, [hidden])).rows, WITHIN).toHaveLength(1); // not behind those of others
  const rest = "select 1 from registry.activity where verb = 'failed' and object_id = 'unknown' and after->>'address' = 'others'";
  await expect.poll(async () => (await owner.query(rest)).rows.length, WITHIN).toBeGreaterThanOrEqual(1);
});

it('opens a bounded number of logins for an account, whose revocation others would wait for', async () => {
  const email = await newcomer('opens-and-opens');
  const many = `insert into registry.login (id, account_id, token_hash, expires_at, created_at)
    select gen_random_uuid(), a.id, 'many ' || n, now() + interval '11 hours', now() - interval '30 minutes'
      from registry.account a, generate_series(1, 299) n where a.email = $1`;
  await owner.query(many, [email]);
  const within = await signIn('127.0.0.8', email, password());
  expect(within.status).toBe(200);
  const beyond = await signIn('127.0.0.8', email, password());
  expect([beyond.status, beyond.body.code]).toEqual([429, 'too_many_logins']);
  expect(beyond.retryAfter).toBeGreaterThan(1700); // when the oldest of them is an hour old
  expect(beyond.retryAfter).toBeLessThanOrEqual(1800);
  expect((await signIn('127.0.0.8', scene.user.email, password())).status).toBe(200);
});

it('keeps no row of used enrolment tokens and deleted nodes', async () => {
  const old = "now() - interval '31 days'";
  await owner.query(
    `insert into registry.enrolment_token (id, secret_hash, name, cluster_id, expires_at)
       select gen_random_uuid(), 'old ' || n, 'old', 'default', ${old} from generate_series(1, 500) n`,
  );
  await owner.query(
    `insert into registry.node (id, kind, name, cluster_id, public_key, deleted_at)
       select gen_random_uuid(), 'relay', 'old', 'default', '', ${old} from generate_series(1, 500) n`,
  );
  const counts =
    'select (select count(*)::int from registry.enrolment_token) as tokens, (select count(*)::int from registry.node) as nodes';
  process.kill(scene.installation.service('registry').pid as number, 'SIGKILL'); // it sweeps when it starts, and each hour
  await expect.poll(async () => (await owner.query(counts)).rows, WITHIN).toEqual([{ tokens: 1, nodes: 2 }]);
});

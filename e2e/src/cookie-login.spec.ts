import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scene } from './scene.js';

/** The only address whose word about how the client sees the server counts. */
const PROXY = '127.0.0.9';
const PUBLIC = 'https://sluice.example.com';

let scene: Scene;
beforeAll(async () => void (scene = await Scene.start({ env: { gateway: { SLUICE_TRUSTED_PROXIES: PROXY } } })));
afterAll(() => scene.end());

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  body: Record<string, unknown>;
}

/** A request exactly as given: what a browser would add is for the test to say. */
function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
  from = '127.0.0.1',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const all = json === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const options = { method, localAddress: from, agent: false, headers: all };
    const asked = request(`${scene.installation.url}${path}`, options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: JSON.parse(text) as Answer['body'] });
      });
    });
    asked.once('error', reject);
    asked.end(json);
  });
}

const own = () => ({ origin: scene.installation.url, 'sec-fetch-site': 'same-origin' });
const viaProxy = { host: 'sluice.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.7' };
const credentials = () => ({ email: scene.user.email, password: readFileSync(scene.user.passwordFile, 'utf8') });
const signIn = (headers: Record<string, string>, from?: string) =>
  send('POST', '/api/v1/logins', { 'sluice-login': 'cookie', ...headers }, credentials(), from);
const setCookie = (answer: Answer): string => answer.headers['set-cookie']?.join('; ') ?? '';
/** What the browser sends back. */
const cookieOf = (answer: Answer): string => answer.headers['set-cookie']?.at(-1)?.split(';')[0] ?? '';
const cookieName = () => `sluice-${new URL(scene.installation.url).port}`;
/** Paths whose cookie an answer has the browser forget. */
const clearedPaths = (answer: Answer): (string | undefined)[] =>
  (answer.headers['set-cookie'] ?? [])
    .filter((set) => set.startsWith(`${cookieName()}=; Max-Age=0; `) && set.endsWith('; HttpOnly; SameSite=Strict'))
    .map((set) => /; Path=([^;]*);/.exec(set)?.[1]);

describe('a sign-in by cookie', () => {
  it('sets the token as a cookie that no script reads, and never shows it', async () => {
    const answer = await signIn(own());
    expect(answer.status).toBe(200);
    expect(setCookie(answer)).toMatch(
      new RegExp(`^${cookieName()}=slt_[\\w-]{43}; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`),
    );
    const maxAge = Number(/Max-Age=(\d+)/.exec(setCookie(answer))?.[1]);
    const left = (Date.parse(answer.body['expiresAt'] as string) - Date.now()) / 1000;
    expect(Math.abs(left - maxAge)).toBeLessThan(5);
    expect(Object.keys(answer.body).sort()).toEqual(['account', 'expiresAt', 'loginId']);
    expect(answer.text).not.toContain('slt_');
    const me = await send('GET', '/api/v1/me', { cookie: `theme=dark; ${cookieOf(answer)}` });
    expect([me.status, (me.body['account'] as { email: string }).email]).toEqual([200, scene.user.email]);
    expect(me.text).not.toContain('slt_');
  });

  it('is bound to TLS and to this host where a trusted proxy says that the browser uses https', async () => {
    const answer = await signIn({ ...viaProxy, origin: PUBLIC }, PROXY);
    expect(setCookie(answer)).toMatch(/^__Host-sluice=slt_[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const cookie = cookieOf(answer);
    expect((await send('GET', '/api/v1/me', { ...viaProxy, cookie }, undefined, PROXY)).status).toBe(200);
    const renamed = cookie.replace('__Host-', ''); // as a neighbouring host, or plain http, could have set it
    expect((await send('GET', '/api/v1/me', { ...viaProxy, cookie: renamed }, undefined, PROXY)).status).toBe(401);
    const end = (origin: string) => send('DELETE', '/api/v1/logins/current', { ...viaProxy, cookie, origin }, undefined, PROXY);
    expect((await end('http://sluice.example.com')).status).toBe(403);
    const ended = await end(PUBLIC);
    expect([ended.status, setCookie(ended)]).toEqual([200, expect.stringContaining('__Host-sluice=; Max-Age=0;') as string]);
  });

  it('takes the host from a trusted proxy, and from nobody else', async () => {
    const forwarded = { ...viaProxy, host: 'gateway.internal:8080', 'x-forwarded-host': 'sluice.example.com', origin: PUBLIC };
    expect((await signIn(forwarded, PROXY)).status).toBe(200);
    const refused = await signIn(forwarded, '127.0.0.3');
    expect([refused.status, refused.body['code'], setCookie(refused)]).toEqual([403, 'other_origin', '']);
  });

  it.each<[string, Record<string, string>]>([
    ['no origin', {}],
    ['an opaque origin', { origin: 'null' }],
    ['another host', { origin: 'http://evil.example' }],
    ['another scheme', { origin: 'https://HOST' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['an origin that begins alike', { origin: 'http://HOST.evil.example' }],
    ['a page of the same site', { origin: 'http://HOST', 'sec-fetch-site': 'same-site' }],
    ['a page of another site', { origin: 'http://HOST', 'sec-fetch-site': 'cross-site' }],
    ['no page at all', { origin: 'http://HOST', 'sec-fetch-site': 'none' }],
  ])('is refused from %s', async (_, headers) => {
    const host = new URL(scene.installation.url).host;
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('HOST', host)]));
    const answer = await signIn(given);
    expect([answer.status, answer.body['code'], setCookie(answer)]).toEqual([403, 'other_origin', '']);
    const cookie = cookieOf(await signIn(own()));
    const change = await send('DELETE', '/api/v1/logins/current', { cookie, ...given });
    expect([change.status, change.body['code'], setCookie(change)]).toEqual([403, 'other_origin', '']);
    expect((await send('GET', '/api/v1/me', { cookie, ...given })).status).toBe(200); // reading changes nothing, and no other page sees the answer
  });

  it('gives a token, and no cookie, to who asks for none', async () => {
    const answer = await send('POST', '/api/v1/logins', {}, credentials());
    expect([answer.status, typeof answer.body['token'], setCookie(answer)]).toEqual([200, 'string', '']);
  });

  it('sets no cookie for a wrong password', async () => {
    const wrong = { ...credentials(), password: 'a wrong password' };
    const answer = await send('POST', '/api/v1/logins', { 'sluice-login': 'cookie', ...own() }, wrong);
    expect([answer.status, setCookie(answer)]).toEqual([401, '']);
  });
});

describe('a request with a cookie', () => {
  it('may change things from its own pages', async () => {
    const cookie = cookieOf(await signIn(own()));
    const changed = await send('POST', '/api/v1/me/attempts', { cookie, ...own() }, {});
    expect([changed.status, changed.body['code']]).toEqual([400, 'invalid_input']); // it was let in, and read
    const older = await send('POST', '/api/v1/me/attempts', { cookie, origin: scene.installation.url }, {}); // a browser without Sec-Fetch-Site
    expect(older.status).toBe(400);
  });

  it('goes by the Authorization header alone where there is one, and a program needs no origin', async () => {
    const cookie = cookieOf(await signIn(own()));
    expect((await send('GET', '/api/v1/me', { cookie, authorization: 'Bearer slt_wrong' })).status).toBe(401);
    const token = (await send('POST', '/api/v1/logins', {}, credentials())).body['token'] as string;
    const bearer = { authorization: `Bearer ${token}` };
    expect((await send('DELETE', '/api/v1/logins/current', { cookie, ...bearer })).status).toBe(200);
    expect((await send('GET', '/api/v1/me', bearer)).status).toBe(401);
    expect((await send('GET', '/api/v1/me', { cookie })).status).toBe(200);
  });

  it('ends its login at the server and forgets the cookie at sign-out, and at every 401', async () => {
    const cookie = cookieOf(await signIn(own()));
    const ended = await send('DELETE', '/api/v1/logins/current', { cookie, ...own() });
    expect([ended.status, clearedPaths(ended)]).toEqual([200, expect.arrayContaining(['/']) as string[]]);
    const after = await send('GET', '/api/v1/me', { cookie });
    expect([after.status, clearedPaths(after)]).toEqual([401, ['/api', '/api/', '/api/v1', '/api/v1/', '/api/v1/me', '/']]);
    expect(setCookie(await send('GET', '/api/v1/me', {}))).toBe(''); // without a cookie there is nothing to clear
  });

  it('can sign in again although the previous login has ended', async () => {
    const cookie = cookieOf(await signIn(own()));
    await send('DELETE', '/api/v1/logins/current', { cookie, ...own() });
    const answer = await signIn({ cookie, ...own() });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.at(-1)).toMatch(new RegExp(`^${cookieName()}=slt_.*; Path=/;`));
  });
});

describe('a server at another port of this machine', () => {
  it('has another cookie', async () => {
    const cookie = cookieOf(await signIn(own()));
    const other = `sluice-1=${cookie.split('=')[1]}`;
    expect((await send('GET', '/api/v1/me', { cookie: other })).status).toBe(401);
    expect((await send('GET', '/api/v1/me', { cookie: `${other}x; sluice=slt_x; ${cookie}` })).status).toBe(200);
  });

  it.each(['slt_of-the-attacker', 'malformed token', ''])(
    'cannot put its cookie "%s" in the place of ours: none is used, and all are removed',
    async (value) => {
      const cookie = cookieOf(await signIn(own()));
      const both = `${cookieName()}=${value}; ${cookie}`; // the longer path comes first
      for (const [method, path] of [
        ['GET', '/api/v1/me'],
        ['GET', '/api/v1/events'],
        ['DELETE', '/api/v1/logins/current'],
      ] as const) {
        const refused = await send(method, path, { cookie: both, ...own() });
        expect([refused.status, refused.body['code']]).toEqual([401, 'unauthenticated']);
        expect(clearedPaths(refused)).toEqual(expect.arrayContaining(['/', '/api', '/api/', '/api/v1', '/api/v1/', path]));
      }
      expect((await send('GET', '/api/v1/me', { cookie })).status).toBe(200);
      const again = await signIn({ cookie: both, ...own() });
      expect([again.status, clearedPaths(again)]).toEqual([200, expect.arrayContaining(['/api', '/api/v1/logins']) as string[]]);
      expect(again.headers['set-cookie']?.at(-1)).toMatch(/=slt_.*; Path=\/;/);
    },
  );
});

describe('plain HTTP', () => {
  const port = () => new URL(scene.installation.url).port;

  it('lets a browser sign in at names of its own machine', async () => {
    for (const host of [`localhost:${port()}`, `[::1]:${port()}`, `127.8.9.10:${port()}`, `sluice.localhost:${port()}`]) {
      const answer = await signIn({ host, origin: `http://${host}` });
      expect([host, answer.status]).toEqual([host, 200]);
      expect((await send('GET', '/api/v1/me', { host, cookie: cookieOf(answer) })).status).toBe(200);
    }
  });

  it.each([
    ['a name that a page may have had resolve to this machine', undefined, {}],
    ['a proxy that does not terminate TLS, or does not forward that it does', PROXY, { 'x-forwarded-for': '198.51.100.7' }],
  ])('lets no browser sign in, or use a cookie, through %s', async (_, from, forwarded) => {
    const host = `evil.example:${port()}`;
    const headers = { ...forwarded, host, origin: `http://${host}` };
    const refused = await signIn(headers, from);
    expect([refused.status, refused.body['code'], setCookie(refused)]).toEqual([403, 'not_private', '']);
    expect(refused.body['title']).toMatch(/HTTPS/);
    const forToken = await send('POST', '/api/v1/logins', headers, credentials(), from);
    expect([forToken.status, forToken.body['code']]).toEqual([403, 'not_private']);
    const cookie = cookieOf(await signIn(own()));
    const used = await send('GET', '/api/v1/me', { ...forwarded, host, cookie }, undefined, from);
    expect([used.status, used.body['code']]).toEqual([403, 'not_private']);
  });

  it('leaves programs alone, whatever name they use', async () => {
    for (const [from, forwarded] of [
      [undefined, {}],
      [PROXY, { 'x-forwarded-for': '198.51.100.7' }],
    ] as const) {
      const headers = { ...forwarded, host: 'sluice.example.com' };
      const answer = await send('POST', '/api/v1/logins', headers, credentials(), from);
      const authorization = `Bearer ${String(answer.body['token'])}`;
      const withOrigin = { ...headers, authorization, origin: 'http://intranet.example.com' };
      for (const given of [{ ...headers, authorization }, withOrigin])
        expect((await send('GET', '/api/v1/me', given, undefined, from)).status).toBe(200);
      expect((await send('GET', '/livez', headers, undefined, from)).status).toBe(200);
    }
  });
});

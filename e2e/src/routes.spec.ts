import { API_ROLES, type ApiRole, openApiDocument } from '@sluice/contracts';
import { createSluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type { TestSystem } from '@sluice/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from './system.js';

interface Route {
  readonly operationId: string;
  readonly 'x-sluice-callers': 'anybody' | ApiRole[];
}

const document = openApiDocument() as { paths: Record<string, Record<string, Route>> };
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, route]) => ({ method: method.toUpperCase(), path, route })),
);
const CALLERS = [...API_ROLES, 'nobody'] as const;
const NO_ONE = '00000000-0000-4000-8000-000000000000';

let system: TestSystem;
const tokens = new Map<string, string>();

beforeAll(async () => {
  system = await sharedSystem();
  for (const apiRole of API_ROLES) {
    const email = `${apiRole}-of-routes-${Date.now()}@example.test`;
    const password = 'correct horse battery staple';
    await unwrap(system.admin.POST('/api/v1/users', { body: { email, apiRole, password } }));
    tokens.set(
      apiRole,
      tokenOf(
        await unwrap(createSluiceClient({ server: system.handle.url }).POST('/api/v1/logins', { body: { email, password } })),
      ),
    );
  }
});

function call(method: string, path: string, token: string | undefined): Promise<Response> {
  const url = `${system.handle.url}${path.replaceAll(/\{\w+\}/g, NO_ONE)}${method === 'DELETE' ? '?version=1' : ''}`;
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return fetch(url, { method, headers, ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }) });
}

describe.each(routes)('$method $path', ({ method, path, route }) => {
  it.each(CALLERS)('as %s', async (caller) => {
    if (route.operationId === 'logins.end' && caller !== 'nobody')
      return void expect(route['x-sluice-callers']).toContain(caller); // would end the login that the rest needs
    const response = await call(method, path, tokens.get(caller));
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (isStream) await response.body?.cancel(); // it stays open for an hour
    const body = (isStream ? {} : await response.json()) as { code?: string; title?: string };
    const callers = route['x-sluice-callers'];
    if (callers !== 'anybody' && caller === 'nobody') {
      expect([400, 401]).toContain(response.status);
      if (response.status === 401) expect(body.code).toBe('unauthenticated');
    } else if (callers !== 'anybody' && !callers.includes(caller as ApiRole)) {
      expect([400, 403]).toContain(response.status);
      if (response.status === 403) expect(body.code).toBe('forbidden');
    } else {
      expect([401, 403, 500, 503]).not.toContain(response.status === 401 && callers === 'anybody' ? 0 : response.status);
    }
    expect(JSON.stringify(body)).not.toMatch(/\bat .*\.(js|ts):\d+/);
    if (response.status >= 400) expect(response.headers.get('content-type')).toContain('application/problem+json');
  });
});

it('rejects a caller without permission before it reads the request', async () => {
  const response = await fetch(`${system.handle.url}/api/v1/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get('user')}` },
    body: JSON.stringify({ email: 'someone@example.test' }),
  });
  expect(response.status).toBe(403);
});

it('shows a user their own sessions only', async () => {
  const page = await unwrap(
    createSluiceClient({ server: system.handle.url, token: tokens.get('user') ?? '' }).GET('/api/v1/sessions'),
  );
  expect(page.items).toEqual([]);
});

it('repeats the first response for the same Idempotency-Key, and rejects the key for another request', async () => {
  const post = (name: string) =>
    fetch(`${system.handle.url}/api/v1/roles`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${tokens.get('administrator')}`,
        'idempotency-key': 'one-key-for-roles',
      },
      body: JSON.stringify({ name }),
    });
  const name = `idempotent-${Date.now()}`;
  const [first, second] = [await (await post(name)).json(), await (await post(name)).json()];
  expect(second).toEqual(first);
  expect((await post(`${name}-other`)).status).toBe(409);
});

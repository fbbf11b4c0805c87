import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { keepRelayKeys, keepSecrets, parsePair, SECRETS } from './installation-secrets.mjs';
import { kubernetesSecrets } from './kubernetes-api.mjs';

interface Stored {
  metadata: { name: string; resourceVersion: string };
  data: Record<string, string>;
}

// A server that keeps Secrets over HTTPS as the API of Kubernetes does: 404, 409 for a name that is taken or a version that is old.
const { certifyServer, prepareBus } = await import('@sluice/embedded/provision'); // what else imports it does so after a build
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-kubernetes-'));
const stored = new Map<string, Stored>();
let server: Server;
let version = 0;
let calls: string[] = [];

beforeAll(async () => {
  await prepareBus(folder);
  await certifyServer(folder, 'kubernetes', []);
  const file = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const account = path.join(folder, 'account');
  mkdirSync(account);
  for (const [name, text] of Object.entries({ token: 't0ken', namespace: 'access', 'ca.crt': file('bus-ca.pem') }))
    writeFileSync(path.join(account, name), text);
  server = createServer({ cert: file('kubernetes.pem'), key: file('kubernetes-key.pem') }, (request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const [status, body] = answer(request.method ?? '', request.url ?? '', request.headers.authorization, text);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  stored.clear();
  calls = [];
});

function answer(method: string, url: string, authorization: string | undefined, text: string): [number, unknown] {
  const [, name] = /^\/api\/v1\/namespaces\/access\/secrets(?:\/([^/]+))?$/.exec(url) ?? [];
  calls.push(`${method} ${name ?? ''}`);
  if (authorization !== 'Bearer t0ken') return [401, { message: 'Unauthorized' }];
  const body = text === '' ? undefined : (JSON.parse(text) as Stored);
  const target = name ?? body?.metadata.name ?? '';
  const present = stored.get(target);
  if (method === 'GET') return present ? [200, present] : [404, { message: 'not found' }];
  if (method === 'POST' ? present : present?.metadata.resourceVersion !== body?.metadata.resourceVersion)
    return [409, { message: 'conflict' }];
  const next = { ...(body as Stored), metadata: { name: target, resourceVersion: String((version += 1)) } };
  stored.set(target, next);
  return [method === 'POST' ? 201 : 200, next];
}

const api = () =>
  kubernetesSecrets({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, folder: path.join(folder, 'account') });
const place = () => mkdtempSync(path.join(folder, 'work-'));
/** Completes a folder as the set-up does: what is there stays, but for what is signed anew. */
const complete = (at: string, signed: string) => () => {
  for (const name of Object.values(SECRETS as Record<string, string[]>).flat()) {
    const file = path.join(at, { 'tls.crt': 'gateway.pem', 'tls.key': 'gateway-key.pem' }[name] ?? name);
    if (name === 'siem.creds') writeFileSync(file, signed);
    else if (!readdirSync(at).includes(path.basename(file))) writeFileSync(file, `first ${name}`);
  }
};
const textOf = (secret: string, key: string) => Buffer.from(stored.get(secret)?.data[key] ?? '', 'base64').toString();

it('keeps every secret in a Secret, and finds it there again at the next upgrade', async () => {
  const [first, second] = [place(), place()];
  const created = await keepSecrets(api(), 'sluice', first, complete(first, 'signed at the installation'));
  expect(created).toEqual(Object.keys(SECRETS as object).map((secret) => `sluice-${secret}`));
  expect(textOf('sluice-registry', 'ca-seal-key')).toBe('first ca-seal-key');
  expect(textOf('sluice-api-tls', 'tls.crt')).toBe('first tls.crt');
  expect(await keepSecrets(api(), 'sluice', second, complete(second, 'signed at the upgrade'))).toEqual([]);
  expect(textOf('sluice-registry', 'ca-seal-key')).toBe('first ca-seal-key');
  expect(textOf('sluice-siem', 'siem.creds')).toBe('signed at the upgrade');
});

it('makes nothing anew beside secrets that exist, if one of those that cannot be generated again is missing', async () => {
  const at = place();
  await keepSecrets(api(), 'sluice', at, complete(at, ''));
  stored.delete('sluice-registry');
  const again = place();
  await expect(keepSecrets(api(), 'sluice', again, complete(again, ''))).rejects.toThrow(
    'the Secret sluice-registry is missing, and what it contains cannot be generated again',
  );
  expect(readdirSync(again)).toEqual([]);
  expect(stored.has('sluice-registry')).toBe(false);
});

it('overwrites no Secret that somebody else made or changed meanwhile', async () => {
  const at = place();
  const others = { 'bus-ca.pem': 'of somebody else' };
  const make = async () => {
    complete(at, '')();
    await api().create('sluice-ca', others);
  };
  await expect(keepSecrets(api(), 'sluice', at, make)).rejects.toThrow('sluice-ca was created by somebody else meanwhile');
  expect(textOf('sluice-ca', 'bus-ca.pem')).toBe('of somebody else');
  await expect(api().replace('sluice-ca', {}, '0')).rejects.toThrow('409');
});

it('makes the key of each cluster once, and signs in only if one is missing', async () => {
  let logins = 0;
  let ended = 0;
  const signIn = () => {
    logins += 1;
    return Promise.resolve({
      createKey: (cluster: string) => Promise.resolve(`key of ${cluster}`),
      end: () => Promise.resolve((ended += 1)),
    });
  };
  const pairs = ['default=sluice-relay-default', 'Site B=sluice-relay-b'].map(parsePair);
  expect(await keepRelayKeys(api(), pairs, signIn)).toEqual(['sluice-relay-default', 'sluice-relay-b']);
  expect(textOf('sluice-relay-b', 'token')).toBe('key of Site B');
  expect(await keepRelayKeys(api(), pairs, signIn)).toEqual([]);
  expect([logins, ended]).toEqual([1, 1]);
  expect(() => parsePair('default')).toThrow('is not CLUSTER=SECRET');
});

it('says what Kubernetes refused, and trusts only the authority of the cluster', async () => {
  writeFileSync(path.join(folder, 'account', 'token'), 'wrong');
  await expect(api().read('sluice-ca')).rejects.toThrow('Kubernetes refuses GET');
  writeFileSync(path.join(folder, 'account', 'token'), 't0ken');
  expect(await api().read('sluice-ca')).toBeUndefined();
  const foreign = path.join(folder, 'foreign');
  mkdirSync(foreign);
  await prepareBus(foreign);
  for (const name of ['token', 'namespace'])
    writeFileSync(path.join(foreign, name), readFileSync(path.join(folder, 'account', name)));
  writeFileSync(path.join(foreign, 'ca.crt'), readFileSync(path.join(foreign, 'bus-ca.pem')));
  const { port } = server.address() as AddressInfo;
  await expect(kubernetesSecrets({ host: '127.0.0.1', port, folder: foreign }).read('sluice-ca')).rejects.toThrow(
    /certificate|signature/,
  );
});

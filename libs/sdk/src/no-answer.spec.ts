import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type ApiError, createSluiceClient, unwrap } from './client.js';
import { whyNoAnswer } from './no-answer.js';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const http = (answer: RequestListener) => portOf(createServer(answer));

/** The error message of an attempt to sign in at a server. */
async function said(server: string, timeoutMs?: number): Promise<string> {
  const client = createSluiceClient({ server, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const answer = unwrap(client.POST('/api/v1/logins', { body: { email: 'a@b.example', password: 'secret' } }));
  return answer.then(
    () => 'signed in',
    (error: ApiError) => error.message,
  );
}

/** A self-signed certificate. */
function certificate(more: string[] = []): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-certificate-'));
  const [key, cert] = [path.join(folder, 'key'), path.join(folder, 'cert')];
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const new_ = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', [...new_, ...names, '-keyout', key, '-out', cert, ...more], { stdio: 'ignore' });
  const read = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return read;
}

it('names the address on which nothing listens', async () => {
  const server = createTcpServer();
  const port = await portOf(server);
  server.close();
  await once(server, 'close');
  const place = `127.0.0.1:${port}`;
  expect(await said(`http://${place}`)).toBe(
    `http://${place} does not answer: tried ${place}, connection refused: nothing listens there`,
  );
  expect(await said(`http://localhost:${port}`)).toContain(`tried 127.0.0.1:${port}, connection refused`);
});

it('names a port that HTTP clients refuse to use', async () => {
  expect(await said('http://127.0.0.1:1')).toContain('tried 127.0.0.1:1, HTTP clients refuse to use this port');
});

it('says how long it waited for a response', async () => {
  const port = await http(() => undefined);
  expect(await said(`http://127.0.0.1:${port}`, 100)).toContain(`tried 127.0.0.1:${port}, and received no response within 0.1 s`);
});

it('says that the connection was closed, before or during the response', async () => {
  const before = await http((request) => void request.socket.destroy());
  expect(await said(`http://127.0.0.1:${before}`)).toContain('closed before a response arrived');
  const within = await http((_, response) => {
    response.writeHead(200, { 'content-length': 100, 'content-type': 'application/json' }).write('{');
    setImmediate(() => response.destroy());
  });
  expect(await said(`http://127.0.0.1:${within}`)).toContain('does not answer: tried 127.0.0.1');
});

it('says why a certificate is not trusted', async () => {
  const port = await portOf(createTlsServer(certificate()));
  expect(await said(`https://127.0.0.1:${port}`)).toContain('its certificate is not trusted because it is self-signed');
});

it('says that a server does not speak TLS', async () => {
  const port = await http((_, response) => response.end());
  expect(await said(`https://127.0.0.1:${port}`)).toContain('it does not speak TLS: is it a plain http address?');
});

it.each([
  ['a page', 200, 'text/html', '<html>'],
  ['a page that claims to be JSON', 502, 'application/json', '<html>'],
])('says that %s is not a response of Sluice', async (_, status, type, text) => {
  const port = await http((_request, response) => response.writeHead(status, { 'content-type': type }).end(text));
  expect(await said(`http://127.0.0.1:${port}`)).toBe(
    `http://127.0.0.1:${port} responds with HTTP ${status}, but not as Sluice does: is this the address of a gateway?`,
  );
});

it('explains the errors of Node for DNS and for certificates of another name or time', () => {
  const why = (code: string, message = '') =>
    whyNoAnswer(
      new URL('https://sluice.example'),
      new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) }),
      1,
    );
  expect(why('ENOTFOUND')).toBe(
    'https://sluice.example does not answer: tried sluice.example:443, this name is not found: check its spelling, and DNS',
  );
  expect(why('CERT_HAS_EXPIRED')).toContain('because it has expired');
  expect(why('ERR_TLS_CERT_ALTNAME_INVALID')).toContain('because it is for another name');
  expect(why('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).toContain('NODE_EXTRA_CA_CERTS');
  expect(why('ENEW', 'something new')).toContain('something new (ENEW)');
});

it('names every address that was tried for a name', () => {
  const refused = (address: string) => Object.assign(new Error(''), { code: 'ECONNREFUSED', address, port: 443 });
  const cause = new AggregateError([refused('::1'), refused('127.0.0.1')]);
  expect(whyNoAnswer(new URL('https://sluice.example'), new TypeError('fetch failed', { cause }), 1)).toBe(
    'https://sluice.example does not answer: tried [::1]:443, connection refused: nothing listens there; tried 127.0.0.1:443, connection refused: nothing listens there',
  );
});

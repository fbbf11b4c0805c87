import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlain, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { RetryLaterError } from '../destination/destination.js';
import { type HttpOptions, HttpSender } from './http-sender.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-sender-'));
const [keyFile, certificateFile] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
const request = [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-days',
  '2',
  '-subj',
  '/CN=x',
];
execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', keyFile, '-out', certificateFile], {
  stdio: 'ignore',
});
const [key, cert] = [readFileSync(keyFile), readFileSync(certificateFile, 'utf8')];
afterAll(() => rmSync(folder, { recursive: true }));

const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});
const never = new AbortController().signal;

async function serve(answer: RequestListener, tls = false): Promise<number> {
  const server: Server = tls ? createTls({ key, cert }, answer) : createPlain(answer);
  cleanUps.push(() => (server.closeAllConnections(), server.close()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function senderTo(url: string, more: Partial<HttpOptions> = {}): HttpSender {
  const sender = new HttpSender({ url: new URL(url), timeoutMs: 3000, secrets: ['the secret'], ...more });
  cleanUps.push(() => sender.close());
  return sender;
}

it('does not follow a redirect', async () => {
  let requests = 0;
  const port = await serve((_, response) => void (requests++, response.writeHead(307, { location: '/other' }).end()));
  expect(await senderTo(`http://127.0.0.1:${port}/`).send('POST', 'x', {}, never)).toMatchObject({ status: 307 });
  expect(requests).toBe(1);
});

it('reads no more of a response than a limit, and shows a clean excerpt without our secrets', async () => {
  const port = await serve((_, response) => response.end(`the secret\n\u001b[31m${'x'.repeat(20 * 1024 * 1024)}`));
  const { body, words } = await senderTo(`http://127.0.0.1:${port}/`).send('POST', 'x', {}, never);
  expect(body.length).toBe(4 * 1024 * 1024);
  expect(words).toMatch(/^200: \[cut\] \[31mx{180,200}$/);
});

it('gives up when there is no complete response in time, or when it is told to', async () => {
  const silent = await serve(() => undefined);
  await expect(senderTo(`http://127.0.0.1:${silent}/`, { timeoutMs: 200 }).send('POST', 'x', {}, never)).rejects.toThrow(
    'no complete response within 0.2 s',
  );
  const dripping = await serve((_, response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  await expect(senderTo(`http://127.0.0.1:${dripping}/`, { timeoutMs: 200 }).send('POST', 'x', {}, never)).rejects.toThrow(
    'within',
  );
  await expect(senderTo(`http://127.0.0.1:${silent}/`).send('POST', 'x', {}, AbortSignal.timeout(50))).rejects.toThrow(/abort/);
});

it('fails at once when a server switches protocols or closes the connection without a response', async () => {
  const port = await serve((_, response) => response.socket?.end());
  await expect(senderTo(`http://127.0.0.1:${port}/`).send('POST', 'x', {}, never)).rejects.toThrow();
  const switching = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'));
  });
  cleanUps.push(() => switching.close());
  await new Promise<void>((resolve) => switching.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(switching.address() as AddressInfo).port}/`;
  await expect(senderTo(url).send('POST', 'x', {}, never)).rejects.toThrow('another protocol');
});

it('leaves a server alone for as long as it asks for, and no longer than five minutes', async () => {
  const port = await serve((incoming, response) =>
    response.writeHead(429, { 'retry-after': incoming.url === '/long' ? '90000' : '7' }).end(),
  );
  const waits = ['', 'long'].map((where) =>
    senderTo(`http://127.0.0.1:${port}/${where}`)
      .send('POST', 'x', {}, never)
      .catch((error: unknown) => (error instanceof RetryLaterError ? error.afterMs : error)),
  );
  expect(await Promise.all(waits)).toEqual([7000, 300_000]);
});

it('verifies the certificate and its name', async () => {
  const port = await serve((_, response) => response.end('taken'), true);
  const send = (url: string, ca?: string) => senderTo(url, { ca }).send('POST', 'x', {}, never);
  await expect(send(`https://localhost:${port}/`)).rejects.toThrow(/self-signed/);
  await expect(send(`https://127.0.0.1:${port}/`, cert)).rejects.toThrow(/IP: 127.0.0.1 is not in the cert/);
  expect(await send(`https://localhost:${port}/`, cert)).toMatchObject({ status: 200, body: 'taken' });
});

it('has a name without path and query', () => {
  expect(senderTo('https://example.com/services/token?key=secret').name).toBe('https://example.com');
});

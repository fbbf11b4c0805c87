import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { TlsSeen } from '@sluice/contracts';
import * as x509 from '@peculiar/x509';
import { afterEach, expect, it } from 'vitest';
import { inspectTls, type TlsRequest } from './inspect-tls.js';
import { trustedRoots } from './trusted-roots.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365 * 24 * 3600 * 1000;

interface Wanted {
  readonly subject?: x509.JsonName;
  readonly names?: readonly x509.JsonGeneralName[];
  readonly endsInMs?: number;
}

/** A self-signed certificate, and its key. */
async function makeCertificate({ subject, names = [], endsInMs = YEAR_MS }: Wanted): Promise<{ cert: string; key: string }> {
  const crypto = webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0];
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: subject ?? [{ CN: ['db.internal'] }],
      notBefore: new Date(now - YEAR_MS),
      notAfter: new Date(now + endsInMs),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])],
    },
    crypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
const serveTls = (options: TlsOptions): Promise<number> =>
  listen(createTlsServer(options, (socket) => socket.on('error', () => undefined)).on('tlsClientError', () => undefined));
const serve = (onConnection: (socket: Socket) => void): Promise<number> =>
  listen(createServer((socket) => onConnection(socket.on('error', () => undefined))));

/** Inspects the service at a port. What comes of it passes the schema of the bus unchanged. */
async function inspect(port: number, request: Partial<TlsRequest> = {}): Promise<TlsSeen> {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  const seen = await inspectTls(socket, {
    start: 'direct',
    hostname: 'db.internal',
    expected: [],
    roots: trustedRoots(),
    ...request,
  });
  await closed;
  expect(TlsSeen.parse(seen)).toEqual(seen);
  return seen;
}

const CLIENTS = [
  { name: 'db.internal', use: 'endpoint' },
  { name: '127.0.0.1', use: 'client' },
] as const;

it('reads the certificate of a service, and says for which names it is valid and that no authority trusts it', async () => {
  const own = await makeCertificate({
    names: [
      { type: 'dns', value: '*.eu.internal' },
      { type: 'ip', value: '10.0.0.5' },
    ],
  });
  let named: string | undefined;
  const port = await serveTls({
    ...own,
    SNICallback: (name, done) => {
      named = name;
      done(null);
    },
  });
  const hostname = 'db.eu.internal';
  const expected = [{ name: hostname, use: 'endpoint' }, CLIENTS[1]] as const;
  const { result, message, certificate } = await inspect(port, { hostname, expected });
  expect([result, message, named]).toEqual(['certificate', 'TLSv1.3', hostname]);
  expect(certificate).toMatchObject({
    subject: 'CN=db.internal',
    issuer: 'CN=db.internal',
    names: ['*.eu.internal', 'IP Address:10.0.0.5'],
    nameCount: 2,
    trusted: false,
    untrustedBecause: 'it is self-signed',
    fits: [
      { name: hostname, use: 'endpoint', fits: true },
      { name: '127.0.0.1', use: 'client', fits: false },
    ],
  });
  expect(Date.parse(certificate?.validUntil ?? '') - Date.now()).toBeGreaterThan(YEAR_MS - 60_000);
});

it('says that a certificate is trusted if it is issued by an authority of the system', async () => {
  const own = await makeCertificate({ names: [{ type: 'dns', value: 'db.internal' }] });
  const { certificate } = await inspect(await serveTls(own), { roots: createSecureContext({ ca: own.cert }) });
  expect(certificate).toMatchObject({ trusted: true, untrustedBecause: null });
});

it('says that a certificate has expired, and that a common name alone does not fit', async () => {
  const own = await makeCertificate({ endsInMs: -60_000 });
  const { certificate } = await inspect(await serveTls(own), { expected: CLIENTS, roots: createSecureContext({ ca: own.cert }) });
  expect(certificate).toMatchObject({ trusted: false, untrustedBecause: 'it has expired', names: [], nameCount: 0 });
  expect(certificate?.fits.map(({ fits }) => fits)).toEqual([false, false]);
});

it('bounds and cleans what a hostile certificate says', async () => {
  const names = Array.from({ length: 2000 }, (_, n) => ({ type: 'dns' as const, value: `\u001b[2Jx", DNS:${n}.evil\n` }));
  const long = 'y'.repeat(5000);
  const own = await makeCertificate({
    subject: [{ CN: [`\u001b]0;owned\u0007\n\u202e<img src=x>${long}`] }, { O: [long] }],
    names: [...names, { type: 'dns', value: long }],
  });
  const { certificate } = await inspect(await serveTls(own), { expected: CLIENTS });
  expect(certificate?.nameCount).toBe(2001);
  expect(certificate?.names).toHaveLength(50);
  expect(certificate?.names.join('')).toContain('0.evil');
  expect(certificate?.subject.length).toBeLessThanOrEqual(300);
  expect(JSON.stringify(certificate).length).toBeLessThan(20_000);
  expect(JSON.stringify(certificate)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
});

it('refuses certificates that are larger than a handshake may have, and continues', async () => {
  const names = Array.from({ length: 600 }, (_, n) => ({ type: 'dns' as const, value: `${n}.${'x'.repeat(200)}` }));
  const { result, message } = await inspect(await serveTls(await makeCertificate({ names })));
  expect([result, message]).toEqual(['handshake failed', expect.stringContaining('EXCESSIVE_MESSAGE_SIZE')]);
});

it.each([
  ['speaks first, as SSH does', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n')],
  ['speaks first, as MySQL does', (socket: Socket) => socket.write(Buffer.from('4a0000000a382e302e333600', 'hex'))],
  ['answers in text', (socket: Socket) => socket.once('data', () => socket.write("-ERR unknown command '\\x16'\r\n"))],
  ['closes the connection', (socket: Socket) => socket.once('data', () => socket.end())],
  ['resets the connection', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['says too little', (socket: Socket) => socket.once('data', () => socket.write('?'))],
])('says of a service that %s that it does not speak TLS', async (_, onConnection) => {
  const began = performance.now();
  expect(await inspect(await serve(onConnection))).toMatchObject({ result: 'no TLS', certificate: null });
  expect(performance.now() - began).toBeLessThan(3500); // two seconds, and one until the connection is closed
});

it('gives up on a service that says nothing after two seconds', async () => {
  const began = performance.now();
  const port = await serve((socket) => socket.resume());
  expect(await inspect(port)).toMatchObject({ result: 'silent', message: 'the service sent nothing within 2 s' });
  expect(performance.now() - began).toBeGreaterThan(1900);
});

it('says that a handshake failed where the service speaks another TLS', async () => {
  const own = await makeCertificate({});
  const port = await serveTls({ ...own, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  expect(await inspect(port)).toMatchObject({ result: 'handshake failed', certificate: null });
});

it('names no address to the service', async () => {
  const own = await makeCertificate({});
  let named: string | false | undefined;
  const server = createTlsServer(own, (socket) => void (named = (socket as { servername?: string | false }).servername));
  const port = await listen(server);
  expect(await inspect(port, { hostname: '127.0.0.1' })).toMatchObject({ result: 'certificate' });
  expect(named).toBe(false);
});

it('asks PostgreSQL for TLS as its clients do', async () => {
  const context = createSecureContext(await makeCertificate({ names: [{ type: 'dns', value: 'db.internal' }] }));
  const tls = createTlsServer({ SNICallback: (_, done) => done(null, context) });
  let asked = '';
  const consents = await serve((socket) =>
    socket.once('data', (bytes) => {
      asked = (bytes as Buffer).toString('hex');
      socket.pause();
      socket.write('S', () => tls.emit('connection', socket));
    }),
  );
  expect(await inspect(consents, { start: 'postgresql', expected: CLIENTS })).toMatchObject({
    result: 'certificate',
    certificate: { names: ['db.internal'] },
  });
  expect(asked).toBe('0000000804d2162f');
});

it.each([
  ['N', 'the PostgreSQL server does not accept TLS'],
  ['E', "the service does not know PostgreSQL's request for TLS"],
  ['Sxyz', 'the PostgreSQL server sent more than its consent before TLS began'],
])("says why a service that answers PostgreSQL's request by %j is not asked further", async (answer, message) => {
  const port = await serve((socket) => socket.once('data', () => socket.write(answer)));
  expect(await inspect(port, { start: 'postgresql' })).toEqual({ result: 'no TLS', message, certificate: null });
});

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TlsAcceptor, TlsDialler, type TlsIdentity } from './tls.js';

const WITHIN_MS = 5000;
let own: TlsIdentity;
let server: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-tls-'));
  const [key, certificate] = ['key', 'certificate'].map((name) => path.join(folder, name)) as [string, string];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=both'];
  execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const text = readFileSync(certificate, 'utf8');
  own = { certificate: text, privateKey: readFileSync(key, 'utf8'), ca: text };
  rmSync(folder, { recursive: true });
  server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** A connection; both ends are closed at the end. */
async function connection(): Promise<{ near: Socket; far: Socket }> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const [far] = await accepted;
  far.on('error', () => undefined);
  sockets.push(near, far);
  return { near, far };
}

const accept = (acceptor: TlsAcceptor, far: Socket) =>
  acceptor
    .accept(far, () => 'the agent', AbortSignal.timeout(WITHIN_MS))
    .then(
      ({ peer }) => peer,
      (error: Error) => error.message,
    );

/** Memory of buffers that is in use, in bytes. */
function bufferBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collect();
  return process.memoryUsage().arrayBuffers;
}

it('does not keep the memory that short buffers share in use', async () => {
  const [acceptor, dialler] = [new TlsAcceptor(own), new TlsDialler(own)];
  const join = async () => {
    const { near, far } = await connection();
    const ends = [accept(acceptor, far), dialler.dial(near, () => 'the relay', AbortSignal.timeout(WITHIN_MS))];
    expect((await Promise.all(ends))[0]).toBe('the agent');
    for (let i = 0; i < 8; i++) Buffer.allocUnsafe(Buffer.poolSize / 4).fill(i); // the next link finds other shared memory
  };
  await join();
  const before = bufferBytes();
  for (let i = 0; i < 20; i++) await join();
  expect(bufferBytes() - before).toBeLessThan(5 * Buffer.poolSize);
});

it.each([
  ['another protocol', ['other/1']],
  ['no protocol', undefined],
])('is not made with a peer that offers %s', async (_, offered) => {
  const { near, far } = await connection();
  const accepted = accept(new TlsAcceptor(own), far);
  const given = { cert: own.certificate, key: own.privateKey, ca: own.ca, checkServerIdentity: () => undefined };
  sockets.push(connectTls({ ...given, socket: near, ...(offered && { ALPNProtocols: offered }) }).on('error', () => undefined));
  expect(await accepted).toMatch(/does not speak sluice\/1: upgrade needed/);
});

it('is not made with a relay that speaks another protocol, which the dialler takes for one of another release', async () => {
  const { near, far } = await connection();
  const given = { key: own.privateKey, cert: own.certificate, ca: own.ca, requestCert: true, ALPNProtocols: ['other/1'] };
  sockets.push(new TLSSocket(far, { ...given, isServer: true }).on('error', () => undefined));
  await expect(new TlsDialler(own).dial(near, () => 'the relay', AbortSignal.timeout(WITHIN_MS))).rejects.toMatchObject({
    code: 'bad-version',
    message: expect.stringContaining('upgrade needed') as string,
  });
});

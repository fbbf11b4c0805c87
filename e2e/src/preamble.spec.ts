import { randomUUID, X509Certificate } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { CertificateVerifier, type Identity, makeKeyPair, readPublicKey, signBytes } from '@sluice/identity';
import { type Authority, createAuthority, issueCertificate } from '@sluice/identity/authority';
import { answerOk, answerPreamble, type Credentials, dialPreamble, type Peer, readAnswer } from '@sluice/tunnel';
import { afterAll, beforeAll, expect, it } from 'vitest';

const HOUR = 3600_000;
const organizationId = randomUUID();
let authority: Authority;
const servers: Server[] = [];

beforeAll(async () => {
  authority = await createAuthority(organizationId, new Date());
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function credentials(identity: Identity, at = new Date()): Promise<Credentials> {
  const pair = makeKeyPair();
  const { certificatePem } = await issueCertificate(authority, identity, readPublicKey(pair.publicPem) as never, at, HOUR);
  return { certificate: new X509Certificate(certificatePem).raw, sign: (bytes) => signBytes(pair.privateKey, bytes) };
}

const verify = (der: Buffer): Peer<Identity> => new CertificateVerifier(authority.certificatePem).verify(der);

/** A gateway's listener, with the bytes that it received and the result of each preamble. */
async function listener(): Promise<{ port: number; received: Buffer[]; results: string[] }> {
  const own = await credentials({ kind: 'gateway', organizationId, nodeId: randomUUID() });
  const [bytesReceived, results]: [Buffer[], string[]] = [[], []];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      const bytes = read(size) as Buffer | null;
      if (bytes) bytesReceived.push(bytes);
      return bytes;
    };
    answerPreamble(socket, own, verify, AbortSignal.timeout(3000)).then(
      ({ identity }) => {
        results.push(identity.kind);
        answerOk(socket);
      },
      (error: { code: string }) => results.push(error.code),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, received: bytesReceived, results };
}

async function dial(port: number, own: Credentials): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  try {
    await dialPreamble(socket, { kind: 'carry' }, own, verify, AbortSignal.timeout(3000));
    await readAnswer(socket, AbortSignal.timeout(3000));
  } finally {
    socket.destroy();
  }
}

const anAccount = (): Identity => ({ kind: 'account', organizationId, accountId: randomUUID(), loginId: randomUUID() });

it('does not accept a recorded preamble, at the same gateway or at another', async () => {
  const [here, elsewhere] = [await listener(), await listener()];
  await dial(here.port, await credentials(anAccount()));
  expect(here.results).toEqual(['account']);
  const recorded = Buffer.concat(here.received);
  for (const place of [here, elsewhere]) {
    await new Promise<void>((resolve) => {
      const socket = connect(place.port, '127.0.0.1', () => socket.write(recorded));
      socket.on('error', () => undefined).on('end', () => socket.destroy());
      socket.resume().on('close', () => resolve());
    });
  }
  expect([here.results, elsewhere.results]).toEqual([['account', 'bad-proof'], ['bad-proof']]);
});

it('rejects a certificate that has expired, and says that it has', async () => {
  const { port, results } = await listener();
  await expect(credentials(anAccount(), new Date(Date.now() - 2 * HOUR)).then((own) => dial(port, own))).rejects.toThrow(
    /the certificate expired at/,
  );
  expect(results).toEqual(['bad-certificate']);
});

import { randomUUID, X509Certificate } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { CertificateVerifier, type Identity, makeKeyPair, OwnIdentity, readPublicKey } from '@sluice/identity';
import { type Authority, createAuthority, issueCertificate } from '@sluice/identity/authority';
import { TlsAcceptor, TlsDialler, type TlsIdentity } from '@sluice/tunnel';
import { beforeAll, describe, expect, it } from 'vitest';

const HOUR = 3600_000;
const organizationId = randomUUID();
const account: Identity = { kind: 'account', organizationId, accountId: randomUUID(), loginId: randomUUID() };
const relay: Identity = { kind: 'relay', organizationId, nodeId: randomUUID(), cluster: 'default' };
let ours: Authority;
let foreign: Authority;

beforeAll(async () => {
  ours = await createAuthority(organizationId, new Date());
  foreign = await createAuthority(organizationId, new Date()); // with the same organization name, but another authority
});

async function issue(authority: Authority, identity: Identity, at = new Date(), lifetimeMs = HOUR): Promise<TlsIdentity> {
  const pair = makeKeyPair();
  const { certificatePem } = await issueCertificate(authority, identity, readPublicKey(pair.publicPem) as never, at, lifetimeMs);
  return { certificate: certificatePem, privateKey: pair.privatePem, ca: ours.certificatePem };
}

const verify = (of: TlsIdentity, now = Date.now()) =>
  new CertificateVerifier(ours.certificatePem).verify(new X509Certificate(of.certificate), now).identity;

describe('a certificate', () => {
  it('is accepted while it is valid', async () => {
    expect(verify(await issue(ours, account))).toEqual(account);
    expect(verify(await issue(ours, relay))).toEqual(relay);
  });

  it('is refused when it has expired, is not valid yet, or is of another authority', async () => {
    const good = await issue(ours, account);
    expect(() => verify(good, Date.now() + 2 * HOUR)).toThrow(/expired at/);
    expect(() => verify(good, Date.now() - HOUR)).toThrow('not valid yet');
    await expect(issue(foreign, account).then((of) => verify(of))).rejects.toThrow('not issued by this installation');
  });

  it('is rejected once it has expired, although it was accepted before', async () => {
    const verifier = new CertificateVerifier(ours.certificatePem);
    const seen = new X509Certificate((await issue(ours, account)).certificate);
    expect(verifier.verify(seen).identity).toEqual(account);
    expect(() => verifier.verify(seen, Date.now() + 2 * HOUR)).toThrow(/expired at/);
    expect(() => verifier.verify(seen.raw, Date.now() - HOUR)).toThrow('not valid yet');
  });

  it('of our own shows when it was issued and when it expires, even after that: a node must be able to request a new one', async () => {
    const issued = Math.floor(Date.now() / 1000) * 1000 - 3 * HOUR;
    const own = new OwnIdentity(await issue(ours, relay, new Date(issued)));
    expect([own.issuedAt, own.expiresAt]).toEqual([issued, issued + HOUR]);
    expect(() => own.verify(own.certificate)).toThrow(/expired at/);
  });

  it('is rejected when it is that of the authority', () => {
    expect(() => verify({ certificate: ours.certificatePem, privateKey: '', ca: '' })).toThrow('not issued by this installation');
  });
});

/** A TLS handshake over real sockets: the agent dials, the relay accepts; each checks the other as the product does. */
async function handshake(agent: TlsIdentity, server: TlsIdentity): Promise<string> {
  const acceptor = new TlsAcceptor(server);
  const kind = (wanted: Identity['kind']) => (certificate: X509Certificate) => {
    const identity = new CertificateVerifier(ours.certificatePem).verify(certificate).identity;
    if (identity.kind !== wanted) throw new Error(`a certificate of the kind ${identity.kind} where ${wanted} belongs`);
    return identity;
  };
  const listener = createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<string>((resolve) => {
    listener.once('connection', (raw) => {
      raw.on('error', () => undefined);
      acceptor.accept(raw, kind('account'), AbortSignal.timeout(3000)).then(
        ({ socket }) => {
          socket.on('error', () => undefined);
          resolve('relay: yes');
        },
        (error: Error) => resolve(`relay: ${error.message}`),
      );
    });
  });
  const raw = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  raw.on('error', () => undefined);
  await new Promise((resolve) => raw.once('connect', resolve));
  const dialled = new TlsDialler(agent).dial(raw, kind('relay'), AbortSignal.timeout(3000)).then(
    ({ socket }) => {
      socket.on('error', () => undefined);
      return 'agent: yes';
    },
    (error: Error) => `agent: ${error.message}`,
  );
  const said = await Promise.all([dialled, accepted]);
  raw.destroy();
  listener.close();
  return said.join('; ');
}

describe('a link', () => {
  it('joins an account and a relay', async () => {
    expect(await handshake(await issue(ours, account), await issue(ours, relay))).toBe('agent: yes; relay: yes');
  });

  it('does not accept an account as a relay, whatever its name', async () => {
    const said = await handshake(await issue(ours, account), await issue(ours, account));
    expect(said).not.toContain('agent: yes');
  });

  it('does not accept a relay as an account', async () => {
    expect(await handshake(await issue(ours, relay), await issue(ours, relay))).not.toContain('relay: yes');
  });

  it('rejects a certificate of a foreign authority, on either side', async () => {
    expect(await handshake(await issue(foreign, account), await issue(ours, relay))).not.toContain('relay: yes');
    expect(await handshake(await issue(ours, account), await issue(foreign, relay))).not.toContain('agent: yes');
  });

  it('rejects an expired certificate', async () => {
    const past = new Date(Date.now() - 2 * HOUR);
    expect(await handshake(await issue(ours, account, past), await issue(ours, relay))).not.toContain('relay: yes');
    expect(await handshake(await issue(ours, account), await issue(ours, relay, past))).not.toContain('agent: yes');
  });
});

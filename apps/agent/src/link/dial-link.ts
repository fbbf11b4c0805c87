import { X509Certificate } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type Identity, readPrivateKey, signBytes, signedBy, verifyCertificate } from '@sluice/identity';
import { splitHostPort } from '@sluice/process';
import { dialPreamble, dialTls, Link, type Peer, PREAMBLE_TIMEOUT_MS, readAnswer, TunnelError } from '@sluice/tunnel';
import type { KeptLogin } from '../login/kept-login.js';

const CONNECT_TIMEOUT_MS = 4000;
const PAIR_TIMEOUT_MS = 6000;
const KEEP_ALIVE_MS = 15_000;

/** A link that is ready, and the relay at its other end. */
export interface ReadyLink {
  readonly link: Link;
  readonly relayId: string;
}

/** No relay could be reached, and why. When a gateway has answered, asking again at once changes nothing. */
export class NoRelayError extends Error {
  override readonly name = 'NoRelayError';
  constructor(
    message: string,
    readonly answered: boolean,
  ) {
    super(message);
  }
}

/**
 * Dials a link: a gateway, the preamble, the pair, then TLS with the relay itself. Gateways are tried one after the other.
 * @throws NoRelayError with the words of the last
 */
export async function dialLink(
  login: KeptLogin,
  gateways: readonly string[],
  cluster: string,
  avoid: readonly string[],
): Promise<ReadyLink> {
  let why = 'no gateway is known';
  for (const gateway of [...gateways].sort(() => Math.random() - 0.5)) {
    try {
      return await dialThrough(login, gateway, cluster, avoid);
    } catch (error) {
      why = (error as Error).message;
      if (error instanceof TunnelError && error.code === 'refused') throw new NoRelayError(why, true); // the other gateways would say the same
    }
  }
  throw new NoRelayError(why, false);
}

async function dialThrough(login: KeptLogin, gateway: string, cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
  const authority = new X509Certificate(login.ca);
  const verify = (der: Buffer | X509Certificate, kind: Identity['kind']) => {
    const verified = verifyCertificate(der, authority, Date.now());
    if (verified.identity.kind !== kind)
      throw new Error(`a certificate of the kind ${verified.identity.kind} where ${kind} belongs`);
    return verified;
  };
  const verifyGateway = (der: Buffer): Peer<Identity> => {
    const { identity, expiresAt, certificate } = verify(der, 'gateway');
    return { identity, expiresAt, signed: (bytes, signature) => signedBy(certificate, bytes, signature) };
  };
  const key = readPrivateKey(login.privateKey);
  const credentials = { certificate: new X509Certificate(login.certificate).raw, sign: (bytes: Buffer) => signBytes(key, bytes) };
  const raw = await connectTo(gateway);
  try {
    const request = { kind: 'carry' as const, cluster, avoid: avoid.slice(-8) };
    await dialPreamble(raw, request, credentials, verifyGateway, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    await readAnswer(raw, AbortSignal.timeout(PAIR_TIMEOUT_MS));
    const own = { certificate: login.certificate, privateKey: login.privateKey, ca: login.ca };
    const check = (certificate: X509Certificate) => verify(certificate, 'relay').identity;
    const { socket, peer } = await dialTls(raw, own, check, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    if (peer.kind !== 'relay' || peer.cluster !== cluster) {
      socket.destroy();
      throw new Error('a relay of another cluster answered');
    }
    return { link: new Link(socket), relayId: peer.nodeId };
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

function connectTo(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...splitHostPort(address), noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const timer = setTimeout(() => socket.destroy(new Error(`the gateway ${address} does not answer`)), CONNECT_TIMEOUT_MS);
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(new Error(`the gateway ${address}: ${error.message}`, { cause: error }));
    };
    socket.once('error', onError).once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError).on('error', () => undefined);
      resolve(socket);
    });
  });
}

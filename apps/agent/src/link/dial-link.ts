import { X509Certificate } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type Identity, readPrivateKey, signBytes, signedBy, verifyCertificate } from '@sluice/identity';
import { splitHostPort } from '@sluice/process';
import { dialPreamble, dialTls, Link, type Peer, PREAMBLE_TIMEOUT_MS, readAnswer, TunnelError } from '@sluice/tunnel';
import type { KeptLogin } from '../login/kept-login.js';
import type { DirectRelays } from './direct-relays.js';

const CONNECT_TIMEOUT_MS = 4000;
const PAIR_TIMEOUT_MS = 6000;

/** A link that is ready, and the relay at its other end. */
export interface ReadyLink {
  readonly link: Link;
  readonly relayId: string;
}

/** No relay could be reached, and why. When every gateway has answered, asking again at once changes nothing. */
export class NoRelayError extends Error {
  override readonly name = 'NoRelayError';
  constructor(
    message: string,
    readonly answered: boolean,
  ) {
    super(message);
  }
}

/** Where links can be had. */
export interface Doors {
  /** Addresses of gateways. */
  readonly gateways: readonly string[];
  readonly direct: DirectRelays;
  /** How long a connection may be silent before TCP asks. 0: never asked. */
  readonly keepAliveSeconds: number;
}

/**
 * Dials a link: a relay that this machine can reach itself, else a gateway; then the preamble, and TLS with the relay.
 * One door after the other is tried.
 * @throws NoRelayError with the words of the last
 */
export async function dialLink(login: KeptLogin, doors: Doors, cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
  const keepAliveMs = doors.keepAliveSeconds * 1000;
  for (const relay of doors.direct.of(cluster, avoid)) {
    try {
      return await dialDoor(login, { address: relay.address, relayId: relay.id, keepAliveMs }, cluster, avoid);
    } catch (error) {
      if (!(error instanceof TunnelError && error.code === 'refused')) doors.direct.failed(relay.id);
    }
  }
  let why = 'no gateway is known';
  let answered = doors.gateways.length > 0;
  for (const gateway of [...doors.gateways].sort(() => Math.random() - 0.5)) {
    try {
      return await dialDoor(login, { address: gateway, relayId: undefined, keepAliveMs }, cluster, avoid);
    } catch (error) {
      why = (error as Error).message;
      answered &&= error instanceof TunnelError && error.code === 'refused';
    }
  }
  throw new NoRelayError(why, answered);
}

/** A door to dial. With a `relayId` that relay itself must answer, else a gateway. */
interface Door {
  readonly address: string;
  readonly relayId: string | undefined;
  readonly keepAliveMs: number;
}

async function dialDoor(login: KeptLogin, door: Door, cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
  const authority = new X509Certificate(login.ca);
  const verify = (der: Buffer | X509Certificate, kind: Identity['kind']) => {
    const verified = verifyCertificate(der, authority, Date.now());
    if (verified.identity.kind !== kind)
      throw new Error(`a certificate of the kind ${verified.identity.kind} where ${kind} belongs`);
    return verified;
  };
  const verifyDoor = (der: Buffer): Peer<Identity> => {
    const { identity, expiresAt, certificate } = verify(der, door.relayId === undefined ? 'gateway' : 'relay');
    return { identity, expiresAt, signed: (bytes, signature) => signedBy(certificate, bytes, signature) };
  };
  const key = readPrivateKey(login.privateKey);
  const credentials = { certificate: new X509Certificate(login.certificate).raw, sign: (bytes: Buffer) => signBytes(key, bytes) };
  const raw = await connectTo(door);
  try {
    const request = { kind: 'carry' as const, cluster, avoid: avoid.slice(-8) };
    await dialPreamble(raw, request, credentials, verifyDoor, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    await readAnswer(raw, AbortSignal.timeout(PAIR_TIMEOUT_MS));
    const own = { certificate: login.certificate, privateKey: login.privateKey, ca: login.ca };
    const check = (certificate: X509Certificate) => verify(certificate, 'relay').identity;
    const { socket, peer } = await dialTls(raw, own, check, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    if (peer.kind !== 'relay' || peer.cluster !== cluster || (door.relayId ?? peer.nodeId) !== peer.nodeId) {
      socket.destroy();
      throw new Error('another relay answered than the one that was dialled');
    }
    return { link: new Link(socket), relayId: peer.nodeId };
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

function connectTo({ address, relayId, keepAliveMs }: Door): Promise<Socket> {
  const what = relayId === undefined ? 'the gateway' : 'the relay';
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...splitHostPort(address),
      noDelay: true,
      keepAlive: keepAliveMs > 0,
      keepAliveInitialDelay: keepAliveMs,
    });
    const timer = setTimeout(() => socket.destroy(new Error(`${what} ${address} does not answer`)), CONNECT_TIMEOUT_MS);
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(new Error(`${what} ${address}: ${error.message}`, { cause: error }));
    };
    socket.once('error', onError).once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError).on('error', () => undefined);
      resolve(socket);
    });
  });
}

import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Identity, OwnIdentity } from '@sluice/identity';
import { splitHostPort } from '@sluice/process';
import { connectSocket, dialPreamble, Link, PREAMBLE_TIMEOUT_MS, readAnswer, TlsDialler, TunnelError } from '@sluice/tunnel';
import type { StoredLogin } from '../login/stored-login.js';
import type { DirectRelays } from './direct-relays.js';
import type { NearGateways } from './near-gateways.js';

const CONNECT_TIMEOUT_MS = 4000;
const PAIR_TIMEOUT_MS = 6000;

/** A link that is ready, and the relay at its other end. */
export interface ReadyLink {
  readonly link: Link;
  readonly relayId: string;
}

/** No relay could be reached. An immediate retry is useful only if some gateway did not answer. */
export class NoRelayError extends Error {
  override readonly name = 'NoRelayError';
  constructor(
    message: string,
    /** Whether every gateway answered. */
    readonly answered: boolean,
    /** A gateway rejected our certificate; with a renewed one the dial may succeed. */
    readonly certificateRefused = false,
  ) {
    super(message);
  }
}

/** Through which gateways and relays links can be dialled. */
export interface Routes {
  readonly gateways: NearGateways;
  readonly direct: DirectRelays;
  /** How long a connection may be idle before TCP probes the peer. 0 disables keep-alive. */
  readonly keepAliveSeconds: number;
}

/** Where to connect. With a `relayId`, that relay itself must answer; without one, a gateway. */
interface Route {
  readonly address: string;
  readonly relayId: string | undefined;
  readonly keepAliveMs: number;
}

/** Dials links under one login. */
export class LinkDialler {
  private readonly own: OwnIdentity;
  private readonly tls: TlsDialler;

  constructor(readonly login: StoredLogin) {
    this.own = new OwnIdentity(login);
    this.tls = new TlsDialler(login);
  }

  /**
   * Dials a link: connects to a relay that this machine can reach directly, or else to a gateway, proves the login in the
   * preamble and does the TLS handshake with the relay. The routes are tried one after another.
   * @throws NoRelayError with the message of the last failure
   */
  async dial(routes: Routes, cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
    const keepAliveMs = routes.keepAliveSeconds * 1000;
    for (const relay of routes.direct.of(cluster, avoid)) {
      try {
        const ready = await this.dialRoute({ address: relay.address, relayId: relay.id, keepAliveMs }, cluster, avoid);
        routes.direct.count(relay.id, ready.link);
        return ready;
      } catch (error) {
        if (!(error instanceof TunnelError && error.code === 'refused')) routes.direct.failed(relay.id);
      }
    }
    let why = 'no gateway is known';
    let certificateRefused = false;
    const gateways = routes.gateways.addresses;
    let answered = gateways.length > 0;
    for (const gateway of gateways) {
      try {
        return await this.dialRoute({ address: gateway, relayId: undefined, keepAliveMs }, cluster, avoid);
      } catch (error) {
        why = (error as Error).message;
        if (error instanceof TunnelError && error.code === 'refused') {
          certificateRefused ||= error.cause === 'bad-certificate';
          continue;
        }
        answered = false;
        routes.gateways.failed(gateway);
      }
    }
    throw new NoRelayError(why, answered, certificateRefused);
  }

  private async dialRoute(route: Route, cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
    const raw = await connectTo(route);
    try {
      const request = { kind: 'carry' as const, cluster, avoid: avoid.slice(-8) };
      const verifyPeer = (der: Buffer) => this.verify(der, route.relayId === undefined ? 'gateway' : 'relay');
      await dialPreamble(raw, request, this.own, verifyPeer, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
      await readAnswer(raw, AbortSignal.timeout(PAIR_TIMEOUT_MS));
      const check = (certificate: X509Certificate) => this.verify(certificate, 'relay').identity;
      const { socket, peer } = await this.tls.dial(raw, check, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
      if (peer.kind !== 'relay' || peer.cluster !== cluster || (route.relayId ?? peer.nodeId) !== peer.nodeId) {
        socket.destroy();
        throw new Error('the peer is not the relay that was dialled');
      }
      return { link: new Link(socket), relayId: peer.nodeId };
    } catch (error) {
      raw.destroy();
      throw error;
    }
  }

  private verify(certificate: Buffer | X509Certificate, kind: Identity['kind']) {
    const verified = this.own.verify(certificate);
    if (verified.identity.kind === kind) return verified;
    throw new Error(`the certificate is of kind ${verified.identity.kind} instead of ${kind}`);
  }
}

/** @throws Error that names the node and why it could not be connected to */
async function connectTo({ address, relayId, keepAliveMs }: Route): Promise<Socket> {
  try {
    const to = { ...splitHostPort(address), noDelay: true, keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs };
    const socket = await connectSocket(to, { timeoutMs: CONNECT_TIMEOUT_MS });
    return socket.on('error', () => undefined); // the preamble and the link handle errors themselves
  } catch (cause) {
    throw new Error(`the ${relayId === undefined ? 'gateway' : 'relay'} ${address}: ${(cause as Error).message}`, { cause });
  }
}

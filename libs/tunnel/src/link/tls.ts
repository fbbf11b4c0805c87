import { constants, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type Server,
  type TLSSocket,
} from 'node:tls';
import { RELEASE } from '@sluice/domain';
import { ConnectError, untilOpen } from '../socket/connect-socket.js';
import { TunnelError } from '../socket/tunnel-error.js';

const ALPN = 'sluice/1';
/** What a side says when the other one does not speak `ALPN`. */
const OTHER_PROTOCOL = `the peer does not speak ${ALPN}: upgrade needed, of the older of the two (this is release ${RELEASE})`;
/**
 * The list of protocols that the dialler offers. It is a DataView, because Node copies it for every TLS socket, and copies any other
 * type into memory that short buffers share: each link would keep 8 KB of that memory in use, or 64 KB in Node 24.
 */
const OFFERED = new DataView(Uint8Array.from([ALPN.length, ...Buffer.from(ALPN)]).buffer);
/** The cipher suites of TLS 1.3, AES-128 first: it is secure enough for a connection, and takes a third less work than AES-256. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** Our own certificate and key for mutual TLS, and the authority of the peers, as PEM. The key is secret. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
}

/** Checks the certificate that the peer proved in the handshake. @throws Error whose message says why it is not accepted */
export type CheckPeer<I> = (certificate: X509Certificate) => I;

const shared = (own: TlsIdentity): SecureContextOptions => ({
  cert: own.certificate,
  key: own.privateKey,
  ca: own.ca,
  minVersion: 'TLSv1.3',
  ciphers: CIPHERS,
  secureOptions: constants.SSL_OP_NO_TICKET,
});

function checked<I>(socket: TLSSocket, check: CheckPeer<I>): I {
  const certificate = socket.getPeerX509Certificate();
  if (!socket.authorized || !certificate)
    throw new TunnelError('bad-certificate', 'the peer has no certificate of this installation');
  if (socket.alpnProtocol !== ALPN) throw new TunnelError('bad-version', OTHER_PROTOCOL);
  try {
    return check(certificate);
  } catch (cause) {
    throw new TunnelError('bad-certificate', (cause as Error).message, { cause });
  }
}

/** The agent's side: TLS 1.3 as the client over connected sockets. `check` replaces Node's own check of the host name. */
export class TlsDialler {
  private readonly context: SecureContext;

  constructor(own: TlsIdentity) {
    this.context = createSecureContext(shared(own));
  }

  /** Performs the handshake. The socket is destroyed when it fails. @throws TunnelError */
  async dial<I>(raw: Socket, check: CheckPeer<I>, signal: AbortSignal): Promise<{ socket: TLSSocket; peer: I }> {
    const socket = connect({
      secureContext: this.context,
      socket: raw,
      ALPNProtocols: OFFERED,
      rejectUnauthorized: true,
      checkServerIdentity: () => undefined,
    });
    try {
      await untilOpen(socket, 'secureConnect', { signal });
      return { socket, peer: checked(socket, check) };
    } catch (error) {
      socket.destroy();
      raw.destroy();
      throw error instanceof ConnectError ? handshakeError(error) : error;
    }
  }
}

function handshakeError({ code, message, cause }: ConnectError): TunnelError {
  if (code === 'timeout' || code === 'aborted') return new TunnelError('timeout', 'no TLS handshake in time');
  if (code === 'closed') return new TunnelError('closed', 'the connection was closed during the TLS handshake');
  return handshakeFailure(message, cause);
}

/** The error for a handshake that TLS itself ended. OpenSSL says in words that the two sides have no protocol in common. */
const handshakeFailure = (message: string, cause: unknown): TunnelError =>
  /application protocol/.test(message)
    ? new TunnelError('bad-version', OTHER_PROTOCOL, { cause })
    : new TunnelError('bad-certificate', `the TLS handshake failed: ${message}`, { cause });

/** Identifies a connection among all that are open at the same time. */
const connectionKey = (socket: Socket): string =>
  `${socket.localAddress} ${socket.localPort} ${socket.remoteAddress} ${socket.remotePort}`;

/**
 * The relay's side: TLS 1.3 as the server. Sockets are handed to a TLS server, because a plain `new TLSSocket` with
 * `requestCert` accepts certificates of other authorities.
 */
export class TlsAcceptor {
  private readonly server: Server;
  private readonly waiting = new Map<string, (outcome: TLSSocket | Error) => void>();

  constructor(own: TlsIdentity) {
    this.server = createServer({
      ...shared(own),
      ALPNCallback: ({ protocols }) => (protocols.includes(ALPN) ? ALPN : undefined), // a list would be copied as the dialler's is
      requestCert: true,
      rejectUnauthorized: true,
    });
    this.server.on('secureConnection', (socket) => this.waiting.get(connectionKey(socket))?.(socket));
    this.server.on('tlsClientError', (cause, socket) => {
      this.waiting.get(connectionKey(socket))?.(handshakeFailure(cause.message, cause));
    });
  }

  /** Uses a renewed certificate for later handshakes. */
  renew(own: TlsIdentity): void {
    this.server.setSecureContext(shared(own));
  }

  /** Waits for the peer's handshake on a connected socket. @throws TunnelError */
  accept<I>(raw: Socket, check: CheckPeer<I>, signal: AbortSignal): Promise<{ socket: TLSSocket; peer: I }> {
    const key = connectionKey(raw);
    return new Promise((resolve, reject) => {
      const onAbort = () => settle(new TunnelError('timeout', 'no TLS handshake in time'));
      const onClose = () => settle(new TunnelError('closed', 'the connection was closed during the TLS handshake'));
      const settle = (outcome: TLSSocket | Error) => {
        this.waiting.delete(key);
        raw.off('close', onClose);
        signal.removeEventListener('abort', onAbort);
        try {
          if (outcome instanceof Error) throw outcome;
          resolve({ socket: outcome, peer: checked(outcome, check) });
        } catch (error) {
          if (!(outcome instanceof Error)) outcome.destroy();
          raw.destroy();
          reject(error);
        }
      };
      if (signal.aborted) return onAbort();
      this.waiting.set(key, settle);
      signal.addEventListener('abort', onAbort, { once: true });
      raw.once('close', onClose);
      this.server.emit('connection', raw);
    });
  }
}

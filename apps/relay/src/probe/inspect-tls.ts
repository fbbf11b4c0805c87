import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext } from 'node:tls';
import { TLS_LIMITS, type TlsSeen, type TlsStart } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { readExactly } from '@sluice/tunnel';
import { type ExpectedName, readCertificate } from './read-certificate.js';

const TLS_WITHIN_MS = 2000;
/** How long the service may take to close the connection after that. */
const FAREWELL_WITHIN_MS = 1000;
/** PostgreSQL's request for TLS: its length and its code. */
const POSTGRESQL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Codes of errors that say that the bytes which were received are not TLS. */
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_UNEXPECTED_MESSAGE']);

/** How a service's TLS is inspected. */
export interface TlsRequest {
  readonly start: TlsStart;
  /** The host that was dialled, which is named to the service unless it is an address. */
  readonly hostname: string;
  /** Names for which its certificate should be valid. */
  readonly expected: readonly ExpectedName[];
  /** The authorities that are trusted. */
  readonly roots: SecureContext;
}

/**
 * Tries a TLS handshake on a socket that is connected to a service, and reads the certificate that the service shows, whoever
 * issued it. Nothing is sent after the handshake, and the socket is closed. It takes two seconds at most, and never throws.
 */
export async function inspectTls(socket: Socket, request: TlsRequest): Promise<TlsSeen> {
  const deadline = AbortSignal.timeout(TLS_WITHIN_MS);
  socket.on('error', () => undefined);
  try {
    if (request.start === 'postgresql') {
      const refusal = await askPostgresql(socket, deadline);
      if (refusal !== undefined) return seen('no TLS', refusal);
    }
    return await shakeHands(socket, request, deadline);
  } catch (error) {
    return failure(error as NodeJS.ErrnoException, deadline, socket.bytesRead);
  } finally {
    setTimeout(() => socket.destroy(), FAREWELL_WITHIN_MS).unref();
  }
}

/** @returns why there will be no TLS */
async function askPostgresql(socket: Socket, deadline: AbortSignal): Promise<string | undefined> {
  socket.write(POSTGRESQL_REQUEST);
  const reply = (await readExactly(socket, 1, deadline)).toString('latin1');
  if (reply === 'N') return 'the PostgreSQL server does not accept TLS';
  if (reply !== 'S') return "the service does not know PostgreSQL's request for TLS";
  // a client that took these for the beginning of TLS would read what somebody else has put there
  return socket.readableLength > 0 ? 'the PostgreSQL server sent more than its consent before TLS began' : undefined;
}

async function shakeHands(socket: Socket, { hostname, expected, roots }: TlsRequest, signal: AbortSignal): Promise<TlsSeen> {
  const tls = connect({
    socket,
    secureContext: roots,
    rejectUnauthorized: false, // the certificate is only inspected, and no data is sent to its holder
    checkServerIdentity: () => undefined,
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
  });
  tls.on('error', () => undefined);
  try {
    await once(tls, 'secureConnect', { signal });
    const certificate = tls.getPeerX509Certificate();
    const protocol = tls.getProtocol() ?? 'TLS';
    if (!certificate) return seen('handshake failed', `${protocol}, but the service shows no certificate`);
    const error = tls.authorized ? null : String(tls.authorizationError);
    try {
      return { result: 'certificate', message: protocol, certificate: readCertificate(certificate, error, expected) };
    } catch {
      return seen('handshake failed', `${protocol}, but the certificate cannot be read`); // parts of it may be malformed
    }
  } finally {
    tls.end();
  }
}

function failure({ code, message }: NodeJS.ErrnoException, deadline: AbortSignal, received: number): TlsSeen {
  const within = `within ${TLS_WITHIN_MS / 1000} s`;
  if (deadline.aborted && received === 0) return seen('silent', `the service sent nothing ${within}`);
  if (deadline.aborted) return seen('no TLS', `no TLS handshake was completed ${within}`);
  if (code !== undefined && NOT_TLS.has(code)) return seen('no TLS', 'the service sent something that is not TLS');
  if (code === undefined || !code.startsWith('ERR_SSL_'))
    return seen('no TLS', 'the service closed the connection during the TLS handshake');
  return seen('handshake failed', `the TLS handshake failed: ${code === undefined ? message : code}`);
}

const seen = (result: TlsSeen['result'], message: string): TlsSeen => ({
  result,
  message: cleanText(message, TLS_LIMITS.text),
  certificate: null,
});

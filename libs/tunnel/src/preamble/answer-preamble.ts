import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { RELEASE, upgradeNeeded } from '@sluice/domain';
import { readExactly } from '../socket/read-exactly.js';
import { TunnelError } from '../socket/tunnel-error.js';
import type { Credentials, VerifyPeer } from './credentials.js';
import {
  decodeMessage,
  diallerProof,
  encodeMessage,
  gatewayProof,
  Hello,
  MAGIC,
  SIGNATURE_LENGTH,
  VERSIONS,
  versionsDiffer,
} from './messages.js';
import { readMessage } from './read-message.js';

/** A dialler that has proved its identity, and its request. */
export interface Proven<I> {
  readonly hello: Hello;
  readonly identity: I;
  /** When its certificate expires, milliseconds since 1970. */
  readonly expiresAt: number;
  /** Fingerprint of the authority that issued the certificate. */
  readonly authority: string;
}

/** Called as the preamble proceeds. */
export interface PreambleWatch {
  /** The dialler has presented this certificate, which was not checked yet. A TunnelError thrown here ends the preamble. */
  readonly onHello: (certificate: Buffer) => void;
  /** The certificate is valid; the proof of its key is still missing. */
  readonly onIntroduced: () => void;
}

/**
 * Performs the gateway's side of the preamble, except the answer, which the caller sends with `answerOk` or `answerError`.
 * Bytes that are not a preamble receive no response.
 * @throws TunnelError
 */
export async function answerPreamble<I>(
  socket: Socket,
  own: Credentials,
  verifyDialler: VerifyPeer<I>,
  signal: AbortSignal,
  watch?: PreambleWatch,
): Promise<Proven<I>> {
  const magic = await readExactly(socket, MAGIC.length, signal);
  if (!magic.equals(MAGIC)) throw new TunnelError('not-sluice', 'the connection does not begin with a Sluice preamble');
  const { bytes, body } = await readMessage(socket, signal);
  const hello = decodeMessage(body, Hello, 'hello');
  const version = VERSIONS.find((spoken) => hello.versions.includes(spoken));
  if (version === undefined) throw refusing(socket, 'bad-version', versionsDiffer('the dialler', hello.versions));
  const outdated = upgradeNeeded('the dialler', hello.release);
  if (outdated !== undefined) throw refusing(socket, 'upgrade-needed', outdated);
  const certificate = Buffer.from(hello.certificate, 'base64');
  watch?.onHello(certificate);
  let peer;
  try {
    peer = verifyDialler(certificate);
  } catch (cause) {
    throw refusing(socket, 'bad-certificate', (cause as Error).message, { cause });
  }
  watch?.onIntroduced();
  const gatewayHello = encodeMessage({
    version,
    release: RELEASE,
    certificate: own.certificate.toString('base64'),
    nonce: randomBytes(32).toString('base64'),
  });
  const signature = own.sign(gatewayProof(bytes, gatewayHello));
  socket.write(Buffer.concat([gatewayHello, signature]));
  const proof = await readExactly(socket, SIGNATURE_LENGTH, signal);
  if (!peer.signed(diallerProof(bytes, gatewayHello, signature), proof)) {
    throw refusing(socket, 'bad-proof', 'you do not hold the key of your certificate');
  }
  const { identity, expiresAt, authority } = peer;
  return { hello, identity, expiresAt, authority };
}

/** Accepts the dialler. */
export const answerOk = (socket: Socket): boolean => socket.write(encodeMessage({ ok: true }));

/** How long a connection stays open after the final answer, so that the peer can read it. */
const CLOSE_GRACE_MS = 1000;

/** Rejects the dialler and closes the connection after the close grace, whatever the peer does, because no limit counts the connection any more. */
export function answerError(socket: Socket, code: string, message: string): void {
  socket.end(encodeMessage({ error: { code, message: message.slice(0, 300) } }));
  setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref();
}

function refusing(
  socket: Socket,
  code: 'bad-version' | 'upgrade-needed' | 'bad-certificate' | 'bad-proof',
  message: string,
  options?: ErrorOptions,
): TunnelError {
  answerError(socket, code, message);
  return new TunnelError(code, message, options);
}

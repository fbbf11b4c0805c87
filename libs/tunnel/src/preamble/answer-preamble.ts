import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
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
} from './messages.js';
import { readMessage } from './read-message.js';

/** A dialler that has proven who it is, and what it asks for. */
export interface Proven<I> {
  readonly hello: Hello;
  readonly identity: I;
  /** When its certificate ends, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Called as the preamble proceeds. */
export interface PreambleWatch {
  /** It has shown this certificate, which is not checked yet. A TunnelError thrown here ends the preamble. */
  readonly onHello: (certificate: Buffer) => void;
  /** The certificate is good; the proof of its key is still to come. */
  readonly onIntroduced: () => void;
}

/**
 * Goes through the preamble as the gateway, up to the answer, which the caller gives with `answerOk` or `answerError`.
 * Bytes that are not a preamble get no response.
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
  if (!magic.equals(MAGIC)) throw new TunnelError('not-sluice', 'these are not the first bytes of Sluice');
  const { bytes, body } = await readMessage(socket, signal);
  const hello = decodeMessage(body, Hello, 'hello');
  const version = VERSIONS.find((spoken) => hello.versions.includes(spoken));
  if (version === undefined)
    throw refusing(
      socket,
      'bad-version',
      `this gateway speaks version ${VERSIONS.join(', ')}, you speak ${hello.versions.join(', ')}`,
    );
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
    certificate: own.certificate.toString('base64'),
    nonce: randomBytes(32).toString('base64'),
  });
  const signature = own.sign(gatewayProof(bytes, gatewayHello));
  socket.write(Buffer.concat([gatewayHello, signature]));
  const proof = await readExactly(socket, SIGNATURE_LENGTH, signal);
  if (!peer.signed(diallerProof(bytes, gatewayHello, signature), proof)) {
    throw refusing(socket, 'bad-proof', 'you do not hold the key of your certificate');
  }
  return { hello, identity: peer.identity, expiresAt: peer.expiresAt };
}

/** Accepts the dialler. */
export const answerOk = (socket: Socket): boolean => socket.write(encodeMessage({ ok: true }));

/** How long a connection stays open after the answer that ends it was sent. */
const CLOSE_GRACE_MS = 1000;

/** Rejects the dialler and closes the connection soon, whatever the peer does: no limit counts it any more. */
export function answerError(socket: Socket, code: string, message: string): void {
  socket.end(encodeMessage({ error: { code, message: message.slice(0, 300) } }));
  setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref();
}

function refusing(
  socket: Socket,
  code: 'bad-version' | 'bad-certificate' | 'bad-proof',
  message: string,
  options?: ErrorOptions,
): TunnelError {
  answerError(socket, code, message);
  return new TunnelError(code, message, options);
}

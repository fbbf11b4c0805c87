import { parseJson, RELEASE } from '@sluice/domain';
import { z } from 'zod';
import { TunnelError } from '../socket/tunnel-error.js';

/**
 * The preamble: how a dialler (an agent or a relay) and a gateway authenticate each other before anything else.
 *
 *   dialler                                   gateway
 *     │── "SLUICE" hello {versions, release, kind, certificate, nonce} ──►│
 *     │◄── gateway hello {version, release, certificate, nonce} + signature over both hellos ──│
 *     │── signature over both hellos and the gateway's signature ──►│
 *     │◄── answer {ok} or {error} ──│
 *
 * Every message is `u16 length, JSON`; a signature has 64 bytes. The preamble is limited to 4 KiB in each direction and to
 * five seconds. Both signatures cover both nonces, so a recorded preamble cannot be replayed, nor used at another gateway.
 */
export const MAGIC = Buffer.from('SLUICE');
/** The supported versions of the tunnel's protocol, the best first, each with the release that was the first to speak it. */
const SPOKEN = [{ version: 1, since: '0.1.0' }] as const;
/** The supported versions of the tunnel's protocol, the best first. */
export const VERSIONS: readonly number[] = SPOKEN.map(({ version }) => version);
/** Longest message, in bytes. */
export const MESSAGE_LIMIT = 4096 - MAGIC.length - 2;
/** Length of a signature: ECDSA on P-256, r and s. */
export const SIGNATURE_LENGTH = 64;
/** Time limit for the whole preamble, in milliseconds. */
export const PREAMBLE_TIMEOUT_MS = 5000;

/** The purpose of a connection. */
const CONNECTION_KINDS = ['carry', 'offer', 'control', 'bus'] as const;
/** The purpose of a connection. */
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

const nonce = z.base64().length(44);
const certificate = z.base64().max(3000);
/** Which release the sender is; `upgradeNeeded` checks it. */
const release = z.string().max(100).optional();

/** The dialler's first message. `cluster` and `avoid` (relays not to be paired with) belong to `carry`. Release 0.1.0 may not say its release. */
export const Hello = z.object({
  versions: z.array(z.int()).min(1).max(16),
  kind: z.enum(CONNECTION_KINDS),
  certificate,
  nonce,
  release,
  cluster: z.string().max(63).optional(),
  avoid: z.array(z.uuid()).max(8).optional(),
});
/** The dialler's first message. */
export type Hello = z.infer<typeof Hello>;

/** The gateway's reply to the hello. */
export const GatewayHello = z.object({ version: z.int(), certificate, nonce, release });

/** The result of the preamble. The gateway may send an error in place of any other message, also while an agent waits to be paired. */
export const Answer = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ error: z.object({ code: z.string().max(60), message: z.string().max(300) }) }),
]);
/** The result of the preamble. */
export type Answer = z.infer<typeof Answer>;

/** Encodes a message as `u16 length, JSON`. */
export function encodeMessage(body: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(body));
  if (text.length > MESSAGE_LIMIT) throw new TunnelError('too-long', `a message of ${text.length} bytes`);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}

/** Parses a message's JSON with a schema. @throws TunnelError `bad-message` */
export function decodeMessage<S extends z.ZodType>(bytes: Buffer, schema: S, what: string): z.infer<S> {
  const body = parseJson(bytes.toString());
  if (body === undefined) throw new TunnelError('bad-message', `the ${what} is not JSON`);
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new TunnelError(
      'bad-message',
      `the ${what} is malformed: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`,
    );
  return parsed.data;
}

/** The bytes that the gateway signs. */
export const gatewayProof = (hello: Buffer, gatewayHello: Buffer): Buffer =>
  Buffer.concat([Buffer.from('sluice preamble 1 gateway\n'), hello, gatewayHello]);
/** The bytes that the dialler signs. */
export const diallerProof = (hello: Buffer, gatewayHello: Buffer, signature: Buffer): Buffer =>
  Buffer.concat([Buffer.from('sluice preamble 1 dialler\n'), hello, gatewayHello, signature]);

/**
 * Why we have no version of the protocol in common with a peer, for people: which of the two is too old, and what it needs at least.
 * @param peer what speaks these versions: `the dialler`
 */
export function versionsDiffer(peer: string, versions: readonly number[]): string {
  const [best, oldest] = [SPOKEN[0], SPOKEN.at(-1) ?? SPOKEN[0]];
  const isNewer = versions.every((version) => version > best.version);
  return isNewer
    ? `${peer} speaks none of our versions of the tunnel protocol, the last of which is ${best.version}: upgrade needed, of this side (release ${RELEASE})`
    : `${peer} speaks no version of the tunnel protocol from ${oldest.version} to ${best.version}: upgrade needed, at least ${oldest.since}`;
}

/**
 * Frames on a link: `u8 type, u24 length, body`. A body has at most 64 KiB.
 *
 *   agent                                     relay
 *     │── open {resource, request id, attempt} ──►│      decides, dials, writes the journal
 *     │◄── opened  or  refused {reason, message, safe to retry} ──│
 *     │◄══ data ══►│                                     only after opened, in both directions
 *     │── end ──►│  │◄── end ──│                          a half-close, for each direction separately
 *     │── settled {counts} ──►│  │◄── settled {counts} ──│  everything was delivered: the link can carry another session
 *     │── reset {reason} ──►  or  ◄── reset {reason} ──  at any time; the link is closed
 *     │◄── ping ──►│                                     keeps an idle link open
 */
const FRAME = { open: 1, opened: 2, refused: 3, data: 4, end: 5, reset: 6, settled: 7, ping: 8 } as const;
/** Name of a frame. */
export type FrameType = keyof typeof FRAME;

/** Longest body of a data frame, in bytes. */
export const DATA_LIMIT = 64 * 1024;
/** Longest body of any other frame, in bytes. */
export const CONTROL_LIMIT = 4096;
/** Length of a frame's head, in bytes. */
export const HEAD_LENGTH = 4;

const NAMES = new Map<number, FrameType>(Object.entries(FRAME).map(([name, type]) => [type, name as FrameType]));

/** The name of a frame type; undefined for an unknown number. */
export const frameName = (type: number): FrameType | undefined => NAMES.get(type);

/** The head of a frame. */
export function encodeHead(type: FrameType, length: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_LENGTH);
  head.writeUInt32BE(((FRAME[type] << 24) | length) >>> 0, 0);
  return head;
}

/** Encodes a frame other than data; the body is JSON, or empty. */
export function encodeFrame(type: Exclude<FrameType, 'data'>, body?: unknown): Buffer {
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
  return Buffer.concat([encodeHead(type, bytes.length), bytes]);
}

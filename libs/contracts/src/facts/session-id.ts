import { createHash, randomInt } from 'node:crypto';

/**
 * The id of a session or an attempt names its author, so that nobody else can publish facts of it. It is a UUID of version 8
 * (RFC 9562); from the most significant bit:
 *
 *   48 bits   milliseconds since 1970
 *    4        version: 8
 *   12        serial, upper part
 *    2        variant: binary 10
 *   40        author tag: the first bits of the SHA-256 of the author's name, as `authorOfFact` proves it
 *   22        serial, lower part
 *
 * The serial (34 bits) begins at a random number in the lower half of its range in each new millisecond, and increases by one
 * within a millisecond. One process therefore never makes an id twice, however many it makes in a millisecond. Two processes of
 * one author can make the same id only within the same millisecond, and then with a probability of 2^-33 for each pair of ids.
 * A tag is not a secret, but no node can choose it: node ids are random and made by the registry, and it would take about 2^40
 * enrolments to get the tag of a given node.
 */
const SERIAL_BITS = 34;
const LOWER_BITS = 22;
const SERIALS = 2 ** SERIAL_BITS;

/** The 40 bits of an author's name that are part of an id, as ten hexadecimal digits. */
const tagOf = (author: string): string => createHash('sha256').update(author).digest('hex').slice(0, 10);

/** Makes the ids of one author's sessions and attempts. */
export class SessionIds {
  /** The variant and the first 38 bits of the tag, as ten hexadecimal digits; the last two bits of the tag stand before the serial. */
  private readonly variantAndTag: string;
  private readonly tagEnd: number;
  private millisecond = 0;
  private serial = 0;

  /**
   * @param author the name under which the bus knows who publishes the facts: a relay's node id, or `registry`
   * @param now milliseconds since 1970; ids do not repeat even if the clock is set back
   * @param random a random integer from 0 to below its argument
   */
  constructor(
    author: string,
    private readonly now: () => number = Date.now,
    private readonly random: (below: number) => number = (below) => randomInt(below),
  ) {
    const tag = BigInt(`0x${tagOf(author)}`);
    this.variantAndTag = hex(Number((2n << 38n) | (tag >> 2n)), 10);
    this.tagEnd = Number(tag & 3n) * 2 ** LOWER_BITS;
  }

  /** A new id, greater than every id that was made before. */
  next(): string {
    const now = Math.floor(this.now());
    if (now > this.millisecond) {
      this.millisecond = now;
      this.serial = this.random(SERIALS / 2);
    } else if (++this.serial === SERIALS) {
      this.millisecond++; // uses the next millisecond early; the clock will catch up
      this.serial = this.random(SERIALS / 2);
    }
    const time = hex(this.millisecond, 12);
    const upper = hex(Math.floor(this.serial / 2 ** LOWER_BITS), 3);
    const end = hex(this.tagEnd + (this.serial % 2 ** LOWER_BITS), 6);
    const { variantAndTag: tag } = this;
    return `${time.slice(0, 8)}-${time.slice(8)}-8${upper}-${tag.slice(0, 4)}-${tag.slice(4)}${end}`;
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * Whether an id was made by an author other than this one. Only ids of version 8 identify their author; nothing is known about
 * those that older releases made.
 *
 * @param id a UUID, in any spelling that its schema accepts
 */
export function isForeignSession(id: string, author: string): boolean {
  const digits = id.replaceAll('-', '').toLowerCase();
  if (digits[12] !== '8') return false;
  const tag = (BigInt(`0x${digits.slice(16)}`) >> BigInt(LOWER_BITS)) & (2n ** 40n - 1n);
  return tag !== knownTagOf(author);
}

/** Tags of authors whose facts were read, as numbers. */
const known = new Map<string, bigint>();
const MAX_KNOWN = 1000;

function knownTagOf(author: string): bigint {
  let tag = known.get(author);
  if (tag !== undefined) return tag;
  tag = BigInt(`0x${tagOf(author)}`);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(author, tag);
  return tag;
}

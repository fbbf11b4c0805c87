import { crc32 } from 'node:zlib';
import { SessionCheckpoint, SessionOpened } from '@sluice/contracts';
import { parseJson, RELEASE } from '@sluice/domain';
import { z } from 'zod';

/** The format of the journal that this release writes. Releases that did not write it down have 1 too. */
const FORMAT = 1;

/** The journal was written by a release that this one cannot read. It is left as it is. */
export class NewerJournalError extends Error {
  override readonly name = 'NewerJournalError';
}

/** A session that was opened and not closed in the journal; the head of a segment repeats it. */
const OpenSession = z.object({ opened: SessionOpened, checkpoint: SessionCheckpoint.nullable() });
/** A session that was opened and not closed in the journal. */
export type OpenSession = z.infer<typeof OpenSession>;

/**
 * A line of the journal: `crc32 JSON`. A segment begins with a `head`, which contains the state that results from all earlier
 * segments, so that they can be dropped.
 */
export const JournalLine = z.discriminatedUnion('line', [
  z.object({
    line: z.literal('head'),
    format: z.literal(FORMAT).default(FORMAT),
    node: z.string(),
    incarnation: z.string(),
    next: z.int(),
    previous: z.string(),
    open: z.array(OpenSession),
  }),
  z.object({ line: z.literal('fact'), number: z.int(), id: z.string(), subject: z.string(), body: z.string() }),
  z.object({ line: z.literal('checkpoint'), data: SessionCheckpoint }),
]);
/** A line of the journal. */
export type JournalLine = z.infer<typeof JournalLine>;

/** Encodes a line. */
export function encodeLine(line: JournalLine): Buffer {
  const text = JSON.stringify(line);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(length + 10);
  bytes.write(text, 9);
  bytes.write(
    `${crc32(bytes.subarray(9, 9 + length))
      .toString(16)
      .padStart(8, '0')} `,
    'latin1',
  );
  bytes[length + 9] = 0x0a;
  return bytes;
}

/**
 * Decodes the lines of a segment up to the first that is torn or damaged; `whole` is the length of the intact part in bytes.
 * @throws NewerJournalError for an intact line that this release does not know: to truncate it would destroy facts
 */
export function decodeLines(bytes: Buffer): { lines: JournalLine[]; whole: number } {
  const lines: JournalLine[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) break;
    const text = bytes.toString('utf8', at + 9, end);
    if (Number.parseInt(bytes.toString('latin1', at, at + 8), 16) !== crc32(text)) break;
    const line = JournalLine.safeParse(parseJson(text));
    if (!line.success) throw new NewerJournalError(whyUnknown(text));
    lines.push(line.data);
    at = end + 1;
  }
  return { lines, whole: at };
}

/** Only a process that may write the journal can have made the line, but it is not repeated at length all the same. */
function whyUnknown(text: string): string {
  const format = z.object({ format: z.int().max(999) }).safeParse(parseJson(text)).data?.format ?? FORMAT;
  const what = format === FORMAT ? 'a line that this release does not know' : `format ${format}`;
  return `the journal has ${what}, and this release (${RELEASE}) reads format ${FORMAT}: upgrade needed, at least the release that wrote it`;
}

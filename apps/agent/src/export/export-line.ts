import { AuthorityRecords } from '@sluice/contracts';
import { isUuid } from '@sluice/domain';
import { z } from 'zod';

const Time = z.iso.datetime({ offset: true });

/** What an export is of. */
const Range = z.object({
  /** Certificate of the authority that signed when it was exported, PEM. */
  authority: z.string(),
  /** All authorities that the installation has had; absent from exports of older releases. */
  authorities: AuthorityRecords.optional(),
  since: Time,
  until: Time.nullable(),
  exportedAt: Time,
});
/** What an export is of. Times are ISO 8601 in UTC. */
export type ExportRange = z.infer<typeof Range>;

/** The first line of an export. */
export const ExportHeader = Range.extend({
  line: z.literal('export'),
  format: z.literal('sluice-audit-export'),
  version: z.int(),
});
/** The first line of an export. */
export type ExportHeader = z.infer<typeof ExportHeader>;

/** The other lines of an export. `docs/verify.md` describes them for readers outside. */
export const ExportLine = z.discriminatedUnion('line', [
  z.object({
    line: z.literal('chain'),
    author: z.string().min(1).max(200),
    name: z.string().nullable().catch(null), // nothing signs it, so nothing depends on it
    incarnation: z.string().min(1).max(200),
    from: z.int().min(1),
    to: z.int().min(1),
    dropped: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({ line: z.literal('fact'), subject: z.string(), body: z.string(), quarantined: z.string().optional() }),
  z.object({
    line: z.literal('digest'),
    subject: z.string(),
    incarnation: z.string(),
    number: z.int().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  z.object({ line: z.literal('missing'), from: z.int().min(1), to: z.int().min(1) }),
  z.object({ line: z.literal('record'), record: z.record(z.string(), z.unknown()) }),
  z.object({ line: z.literal('end'), facts: z.int(), records: z.int(), sha256: z.string() }),
]);
/** The other lines of an export. */
export type ExportLine = z.infer<typeof ExportLine>;

/** Names a chain among all. */
export const chainKey = ({ author, incarnation }: { readonly author: string; readonly incarnation: string }): string =>
  `${author}\n${incarnation}`;

/** Up to which number a chain was dropped when its line was written. */
export const droppedIn = ({ dropped }: Extract<ExportLine, { line: 'chain' }>): number => Number(dropped?.['through'] ?? 0);

/** Whether the first line of a file is a record alone, as the console saves records and as the API has them. */
export const isRecord = (line: unknown): boolean =>
  z.object({ id: z.string().refine(isUuid), state: z.string(), startedAt: z.string() }).safeParse(line).success;

/** Whether a line is the header of an export as CSV, as it was written or as a spreadsheet saves it. */
export const isCsvHeader = (line: string): boolean => /^\ufeff?"?id"?[,;\t]/.test(line);

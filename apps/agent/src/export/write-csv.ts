import { csvRow, csvRowOf, RECORD_COLUMNS } from '@sluice/domain';
import { type SluiceClient, unwrap } from '@sluice/sdk';
import { everyItem } from './every-item.js';
import type { PartFile } from './part-file.js';

/**
 * Writes the records of sessions that began in a time as CSV, newest first: one header, the same columns always, lines that end in
 * CR LF. Facts are not among them, so nothing in it can be verified.
 * @param onProgress is called after each record with their number
 * @returns how many records there are
 */
export async function writeCsv(
  api: SluiceClient,
  file: PartFile,
  range: { readonly since: string; readonly until: string },
  onProgress: (records: number) => void,
): Promise<number> {
  const write = (row: string): Promise<void> => file.write(Buffer.from(`${row}\r\n`));
  await write(csvRow(RECORD_COLUMNS));
  let records = 0;
  for await (const record of everyItem((query) =>
    unwrap(api.GET('/api/v1/sessions', { params: { query: { ...query, ...range } } })),
  )) {
    await write(csvRowOf(record, RECORD_COLUMNS));
    onProgress(++records);
  }
  await file.finish();
  return records;
}

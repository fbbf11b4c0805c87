import type { DataSource, EntityManager } from 'typeorm';

/**
 * Notes how far the stream is stored, and reserves receipt numbers for the batch. The row lock makes copies of this service
 * do so one after another.
 * @returns the receipt number of the batch's first fact
 */
export async function takeReceipts(tx: EntityManager, messages: readonly { readonly seq: number }[]): Promise<number> {
  const last = Math.max(...messages.map(({ seq }) => seq));
  const [rows] = await tx.query<[{ receipts: string }[], number]>(
    'update stream_position set sequence = greatest(sequence, $1), receipts = receipts + $2 returning receipts',
    [last, messages.length],
  );
  return Number(rows[0]?.receipts) - messages.length + 1;
}

/** The sequence in the stream up to which facts are stored, at least. */
export async function storedPosition(database: DataSource): Promise<number> {
  const [row] = await database.query<{ sequence: string }[]>('select sequence from stream_position');
  return Number(row?.sequence ?? 0);
}

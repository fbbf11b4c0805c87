/**
 * Classes of SQLSTATE with which PostgreSQL rejects the data itself: two rows for one (21), an invalid value (22), a constraint
 * (23), too long or too deep (54), a trigger of ours (P0). All others are about the server, its state, or the schema.
 */
const REJECTED_DATA = /^(21|22|23|54|P0)/;

/** What Node throws when code meets a value that it did not expect. */
const OF_CODE = [TypeError, RangeError, SyntaxError, URIError];

/**
 * Whether a failure is caused by the data, so that the same data would fail again: PostgreSQL rejects it, or the code that
 * handles it throws. A server that is unavailable, stopping, full or not set up does not count: the same data may succeed later.
 */
export function isDataError(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === undefined ? OF_CODE.some((type) => error instanceof type) : REJECTED_DATA.test(state);
}

/** The SQLSTATE of a failed statement; undefined if PostgreSQL did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { driverError?: { code?: unknown } } | null | undefined)?.driverError?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/**
 * Does work for each of several items, so that one whose data makes it fail does not prevent that of the others.
 * @throws Error the first such failure, after all of them; any other failure at once
 */
export async function eachAlone<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items)
    try {
      await work(item);
    } catch (error) {
      if (!isDataError(error)) throw error;
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
}

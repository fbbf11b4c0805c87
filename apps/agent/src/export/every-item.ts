type Page<T> = Promise<{ items: T[]; nextCursor?: string | undefined }>;
type Query = { limit: number; cursor?: string };

/** The items of a list, page after page. */
export async function* everyItem<T>(readPage: (query: Query) => Page<T>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await readPage({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

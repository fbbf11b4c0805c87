/** The largest page that the API gives. */
const PAGE = 500;

/** The query of the page after a cursor; of the first page if there is no cursor. */
export const pageAfter = (cursor: string | undefined) => ({ limit: PAGE, ...(cursor !== undefined && { cursor }) });

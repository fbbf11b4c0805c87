const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a text is a UUID as PostgreSQL and the API write it, in any case: 36 characters, of whatever version. */
export const isUuid = (text: string): boolean => UUID.test(text);

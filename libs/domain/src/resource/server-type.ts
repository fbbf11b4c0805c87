/** The types of server that there are. */
export const SERVER_TYPES = ['tcp'] as const;

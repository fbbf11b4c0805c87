/** The id of the cluster of all relays that are in no proxy cluster. It always exists, and no proxy cluster can have it as its name. */
export const DEFAULT_CLUSTER = 'default';

/** A proxy cluster as people read and type it. The API says null where relays of the default cluster are meant. */
export const clusterText = (name: string | null): string => name ?? DEFAULT_CLUSTER;

/** The bus user of a process, and the address of the bus. */
export interface BusOptions {
  readonly servers: readonly string[];
  /** Name of the bus user: also its inbox prefix. */
  readonly user: string;
  /** A function is called for each connection, so that a renewed token is used. */
  readonly jwt: string | (() => string);
  /** Seed of the user's key. Secret. */
  readonly seed: string;
  /** The authority of the server's certificate, as PEM; TLS is then required. Without it the server decides, and the machine's own authorities are trusted. */
  readonly ca?: string | undefined;
  /** How many servers of a cluster keep each stream and bucket that this process makes; 1 by default. */
  readonly replicas?: number;
  /** Called at each connect and disconnect. */
  readonly onStatus?: (connected: boolean, detail: string) => void;
}

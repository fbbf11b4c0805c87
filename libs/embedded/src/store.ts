import type { ChildProcess } from 'node:child_process';

/** How a store is run. */
export interface StoreOptions {
  /** Whether it is restarted when it ends; false by default. */
  readonly restart?: boolean;
  readonly startTimeoutMs?: number;
  /** Receives messages for the user. */
  readonly say?: (line: string) => void;
}

/** A store that is already running. */
export interface StoreServer {
  /** Connection URL. Secret. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A store that runs as a child process. */
export interface RunningStore extends StoreServer {
  readonly process: ChildProcess;
}

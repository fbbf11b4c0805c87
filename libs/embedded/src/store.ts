import type { ChildProcess } from 'node:child_process';

/** How a store of ours is run. */
export interface StoreOptions {
  /** Whether it is restarted when it ends; false by default. */
  readonly restart?: boolean;
  readonly startTimeoutMs?: number;
  /** Receives the lines that are meant for a person. */
  readonly say?: (line: string) => void;
}

/** A store that somebody runs for us. */
export interface StoreServer {
  /** Connection URL. Secret. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A store that runs as a child process of ours. */
export interface RunningStore extends StoreServer {
  readonly process: ChildProcess;
}

import type { NodeRuntime } from '@sluice/process';
import type { StoreServer } from './store.js';

/** What an installation is, and how it runs. */
export interface InstallationOptions {
  /** The checkout, compiled. */
  readonly root: string;
  readonly home: string;
  readonly httpPort: number;
  readonly tunnelPort: number;
  /** Servers in place of the embedded ones; NATS is told whom to trust by a piece of configuration. */
  readonly postgres?: (() => Promise<StoreServer>) | undefined;
  readonly nats?: ((trust: string) => Promise<StoreServer>) | undefined;
  readonly natsBinary?: string | undefined;
  readonly restart: boolean;
  /** The Node that runs the services. */
  readonly runtime: NodeRuntime;
  /** Bytes that each log file may have before it is rotated; 10 MiB when nothing is said. */
  readonly logBytes?: number | undefined;
  /** How long running sessions may go on when it is stopped; two seconds when nothing is said. */
  readonly drainSeconds?: number | undefined;
  /** Gives up a start in progress, and stops what it has started. */
  readonly signal?: AbortSignal | undefined;
  /** More environment for a service, by its name. */
  readonly env?: Record<string, Record<string, string>>;
  readonly say: (line: string) => void;
}

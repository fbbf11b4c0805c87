import type { NodeRuntime } from '@sluice/process';
import type { EgressLists } from './service-environments.js';
import type { StoreServer } from './store.js';

/** Options of an installation. */
export interface InstallationOptions {
  /** The checkout, compiled. */
  readonly root: string;
  readonly home: string;
  readonly httpPort: number;
  readonly tunnelPort: number;
  /** Servers instead of the embedded ones. The configuration of NATS must include the generated trust configuration. */
  readonly postgres?: (() => Promise<StoreServer>) | undefined;
  readonly nats?: ((trust: string) => Promise<StoreServer>) | undefined;
  readonly natsBinary?: string | undefined;
  readonly restart: boolean;
  /** The Node that runs the services. */
  readonly runtime: NodeRuntime;
  /** Size in bytes at which a log file is rotated; 10 MiB by default. */
  readonly logBytes?: number | undefined;
  /** How long running sessions may continue when it is stopped; two seconds by default. */
  readonly drainSeconds?: number | undefined;
  readonly egress?: EgressLists | undefined;
  /** Cancels a start in progress, and stops what it has started. */
  readonly signal?: AbortSignal | undefined;
  /** Additional environment variables of services, by their name. */
  readonly env?: Record<string, Record<string, string>>;
  readonly say: (line: string) => void;
}

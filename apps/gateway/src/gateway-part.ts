import type { Readiness } from '@sluice/process';

/** One half of a gateway: the API, or the tunnel port. */
export interface GatewayPart {
  /** Told to the parent process. */
  readonly announce: Record<string, unknown>;
  /** Of this half alone. */
  ready(): Readiness;
  stop(): Promise<void>;
  /** Ends what a stop in progress still waits for. */
  hurry?(): void;
}

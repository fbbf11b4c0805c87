import { type BusCredentials, hostPort, readBusCredentials, readEnvironment } from '@sluice/process';
import { z } from 'zod';

const Environment = z.object({
  SLUICE_OPERATIONS_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 0 }),
  NATS_URL: z.string().min(1),
  SLUICE_BUS_CREDENTIALS_FILE: z.string(),
  SLUICE_PROBE_INTERVAL_SECONDS: z.coerce.number().min(1).max(3600).default(60),
});

/** What the health service is told by its environment. */
export class HealthConfig {
  readonly operations: { host: string; port: number };
  readonly natsServers: string[];
  readonly bus: BusCredentials;
  /** How long a healthy resource may be quiet before it is probed, in milliseconds. */
  readonly probeIntervalMs: number;

  constructor(env: NodeJS.ProcessEnv) {
    const given = readEnvironment(Environment, env);
    this.operations = given.SLUICE_OPERATIONS_ADDRESS;
    this.natsServers = given.NATS_URL.split(',');
    this.bus = readBusCredentials(given.SLUICE_BUS_CREDENTIALS_FILE);
    this.probeIntervalMs = given.SLUICE_PROBE_INTERVAL_SECONDS * 1000;
  }
}

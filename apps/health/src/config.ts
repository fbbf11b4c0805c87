import { busCredentials, configuration, list, milliseconds, operationsAddress } from '@sluice/process';
import { z } from 'zod';

/** The health service's configuration, read from its environment. */
export class HealthConfig extends configuration({
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  natsServers: ['NATS_URL', list],
  bus: ['SLUICE_BUS_CREDENTIALS_FILE', busCredentials],
  /** How long a healthy resource may go without sessions before it is probed, in milliseconds. */
  probeIntervalMs: ['SLUICE_PROBE_INTERVAL_SECONDS', z.coerce.number().min(1).max(3600).default(60).transform(milliseconds)],
}) {}

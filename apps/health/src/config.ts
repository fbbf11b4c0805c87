import { busCredentials, busReplicas, configuration, list, operationsAddress } from '@sluice/process';

/** The health service's configuration, read from its environment. */
export class HealthConfig extends configuration({
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  natsServers: ['NATS_URL', list],
  bus: ['SLUICE_BUS_CREDENTIALS_FILE', busCredentials],
  /** How many NATS servers keep each stream and bucket that this service makes. */
  busReplicas: ['SLUICE_BUS_REPLICAS', busReplicas],
}) {}

/** The columns of records of sessions as CSV, wherever they are exported. */
export const RECORD_COLUMNS = [
  ...(['id', 'requestId', 'attempt', 'state', 'account.id', 'account.email', 'resource.id', 'resource.name'] as const),
  ...(['resource.tags', 'relay.id', 'relay.name', 'proxyCluster', 'gateway', 'clientAddress', 'dialledAddress'] as const),
  ...(['startedAt', 'endedAt', 'durationMs', 'bytesUp', 'bytesDown', 'exactness', 'agentBytesUp', 'agentBytesDown'] as const),
  ...(['countsDiffer', 'outcome', 'endReason', 'message', 'endedBy.id', 'endedBy.email', 'endedBy.why'] as const),
  ...(['revocationMs', 'rule', 'sharedListener', 'source', 'repeats'] as const),
] as const;

/**
 * The messages that processes exchange, each with its schema, which sender and receiver share.
 *
 *   http/     operations: id, permitted callers, path, input, output. Routes, bus subjects, OpenAPI and SDK follow from them
 *   facts/    what happened: CloudEvents on `audit.v1.>`
 *   ocsf/     the same converted to the Open Cybersecurity Schema Framework, on `siem.v1.ocsf.>`
 *   policy/   the entries of the buckets that relays and gateways read
 *   rpc/      everything else that is sent on the bus: presence, commands to relays, notices of changes, operations without an HTTP route
 *   bus/      the bus itself: subjects, accounts and what may cross between them, permissions of each user
 *   metric/   the metrics of every service
 *   documents/  the AsyncAPI document of both, for those who receive them, and docs/metrics.md
 */
export { DEFAULT_CLUSTER } from '@sluice/domain';
export { ACCOUNTS_WITH_STREAMS, BUS_ACCOUNTS, BUS_CROSSINGS, type BusAccount, type BusCrossing } from './bus/accounts.js';
export { BUS_HEADERS, TRACEPARENT } from './bus/headers.js';
export { formatOfSubjects, parseEventSubjects, streamOfSubjects } from './bus/event-subjects.js';
export {
  BUS_SERVICES,
  type BusPermissions,
  type BusService,
  readerPermissions,
  RELAY_LONGEST_MESSAGE,
  relayPermissions,
  accountOfService,
  servicePermissions,
  siemPermissions,
} from './bus/permissions.js';
export {
  ALL_FACTS,
  ALL_OCSF_EVENTS,
  AUDIT_STREAM,
  bucketChanges,
  bucketStream,
  bucketSubject,
  FACT_CONSUMER,
  inboxPrefix,
  isReaderConsumer,
  OCSF_CONSUMER,
  OCSF_STREAM,
  READER_STREAMS,
  readerConsumer,
  type ReaderStream,
  readerState,
  sessionFacts,
  STORED_FACTS,
} from './bus/subjects.js';
export { activitySubject } from './facts/activity-facts.js';
export { asyncApiDocument } from './documents/asyncapi.js';
export { metricsDocument } from './documents/metrics-document.js';
export { AttemptUnanswered, attemptSubject } from './facts/attempt-facts.js';
export {
  authorOfFact,
  CHAINED_SERVICES,
  isFactSubject,
  placeOfRelayFact,
  type ChainedService,
  ChainPlace,
  clusterOfFact,
  Envelope,
  FIRST_PREVIOUS,
  serviceStartedSubject,
} from './facts/envelope.js';
export { AUDIT_HEARTBEAT, AUDIT_HEARTBEAT_INTERVAL_MS, AuditHeartbeat } from './facts/heartbeat-fact.js';
export { IntegrityFound, integritySubject } from './facts/integrity-facts.js';
export { healthFactSubject, ResourceHealthChanged } from './facts/health-facts.js';
export {
  AttemptEnded,
  FACT_LIMITS,
  MAX_FACT_DURATION_MS,
  factType,
  RelayStarted,
  relayStartedSubject,
  SESSION_FACTS,
  SessionCheckpoint,
  SessionClosed,
  type SessionFactKind,
  sessionFactSubject,
  SessionOpened,
} from './facts/session-facts.js';
export { Dropped, DROPPED_SUBJECT, droppedText } from './http/dropped.js';
export {
  HEAD_SUBJECTS,
  headText,
  isHeadSubject,
  relayHeadSubject,
  serviceHeadSubject,
  SignedHead,
  HEAD_INTERVAL_MS,
  MAX_UNSIGNED_FACTS,
  QUIET_HEAD_INTERVAL_MS,
} from './facts/signed-head.js';
export { isForeignSession, SessionIds } from './facts/session-id.js';
export { listServerAccess, listUserAccess, type ServerAccess, type UserAccess } from './http/access.js';
export { Activity, listActivities, showActivity } from './http/activities.js';
export {
  type Authorities,
  MAX_AWAITED,
  prepareAuthority,
  retireAuthority,
  showAuthorities,
  switchAuthority,
} from './http/authorities.js';
export {
  AuthorityRecord,
  AuthorityRecords,
  endorseNextText,
  endorsePreviousText,
  MAX_AUTHORITIES,
} from './http/authority-record.js';
export {
  addCluster,
  ClusterKey,
  createClusterKey,
  deleteCluster,
  listClusterKeys,
  listClusters,
  ProxyCluster,
  revokeClusterKey,
  showCluster,
  showClusterKey,
  updateCluster,
} from './http/clusters.js';
export { Changes, EVENTS_HEARTBEAT_MS, EVENTS_PATH, MAX_CHANGED_IDS, MAX_STREAMS_OF_ACCOUNT, Resync } from './http/events.js';
export { HEALTH_BUCKET, healthKey, ServerCheck, ServerHealth } from './http/health.js';
export {
  AgentFeed,
  certify,
  endOwnLogin,
  endUserLogin,
  explainAccess,
  listOwnLogins,
  listUserLogins,
  logIn,
  LoginInfo,
  logOut,
  showMe,
} from './http/logins.js';
export {
  AUTHORITY_RETIRED,
  createNodeToken,
  credentialsText,
  deleteNode,
  drainNode,
  enrolNode,
  listNodes,
  Node,
  NODE_DELETED,
  NodeCredentials,
  renewalBytes,
  renewNode,
  showNode,
  undrainNode,
  updateNode,
} from './http/nodes.js';
export { openApiDocument } from './http/openapi.js';
export { OPERATIONS } from './http/operations.js';
export { countLiveByServer, LiveSessions } from './http/live-sessions.js';
export { Overview, showOverview } from './http/overview.js';
export { changePassword, resetPassword, setPassword } from './http/passwords.js';
export { Reach, Withdrawn } from './http/reach.js';
export {
  addRole,
  assignRole,
  deleteRole,
  grantRole,
  listRoles,
  revokeRole,
  Role,
  showRole,
  unassignRole,
  updateRole,
} from './http/roles.js';
export {
  addServer,
  checkServer,
  deleteServer,
  listServers,
  previewServer,
  Server,
  showServer,
  updateServer,
} from './http/servers.js';
export { ChainFact, FactChain, listChainFacts, listChains } from './http/chains.js';
export { DeliveryStatus, showDelivery } from './http/delivery.js';
export {
  createSiemReader,
  deleteSiemReader,
  Delivery,
  listSiemReaders,
  MAX_SIEM_READERS,
  replaySiemReader,
  rotateSiemReader,
  showSiemReader,
  type SiemCredentials,
  SIEM_FORMATS,
  type SiemFormat,
  SiemReader,
} from './http/siem-readers.js';
export { OCSF_CLASSES, OCSF_VERSION, type OcsfActivityOf, type OcsfClass, OcsfEvent, ocsfSubject } from './ocsf/ocsf-event.js';
export { AUDIT_METRICS } from './metric/audit-metrics.js';
export { EXPORT_METRICS } from './metric/export-metrics.js';
export { GATEWAY_METRICS } from './metric/gateway-metrics.js';
export { HEALTH_METRICS } from './metric/health-metrics.js';
export type { Metric, MetricLabels } from './metric/metric.js';
export { metricsOf } from './metric/metrics.js';
export { REGISTRY_METRICS } from './metric/registry-metrics.js';
export { RELAY_METRICS } from './metric/relay-metrics.js';
export { BUS_METRICS, METRIC_SERVICES, SERVICE_METRICS } from './metric/service-metrics.js';
export {
  createHold,
  Hold,
  listHolds,
  releaseHold,
  type Retention,
  RETENTION_KINDS,
  type RetentionKind,
  showHold,
  showRetention,
} from './http/retention.js';
export { listQuarantine, QuarantinedFact, retryQuarantine } from './http/quarantine.js';
export { listSessionFacts, SessionFact } from './http/session-facts.js';
export { AuditRecord, endSession, listSessions, reportAttempt, showSession } from './http/sessions.js';
export { CheckSettingsShape, OrganizationSettingsShape, Settings, showSettings, updateSettings } from './http/settings.js';
export { TLS_LIMITS, TlsSeen, TlsStart } from './http/tls.js';
export { addUser, deleteUser, listUsers, resumeUser, showUser, suspendUser, updateUser, User } from './http/users.js';
export {
  API_ROLES,
  type ApiRole,
  budgetOf,
  type Callers,
  EVERYONE,
  type InputOf,
  type Operation,
  operationSubject,
  type OutputOf,
  PAGE_BYTES,
} from './operation.js';
export {
  GATEWAY_BUCKET,
  HEALTH_POLICY_BUCKET,
  Heartbeat,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_KEY,
  POLICY_KINDS,
  policyBucket,
  PolicyEntry,
  type PolicyKind,
  PolicyValue,
  type PolicyValues,
  SETTINGS_ID,
} from './policy/policy-entry.js';
export { invalidInput } from './invalid-input.js';
export { forbidden, notFound, Problem, ProblemError, tooMany, unauthenticated, unavailable } from './problem.js';
export { Actor, identifyActor, noteDenied } from './rpc/actor.js';
export {
  AUDIT_STATUS,
  AUDIT_STATUS_INTERVAL_MS,
  AUDIT_STATUS_LIMIT_MS,
  AuditStatus,
  type AuditTrouble,
} from './rpc/audit-status.js';
export { type ChangedSession, OBJECTS_CHANGED, ObjectsChanged, SESSIONS_CHANGED, SessionsChanged } from './rpc/changed.js';
export { certifyAudit, certifyHealth } from './rpc/service-certificate.js';
export { countLiveSessions } from './rpc/count-live-sessions.js';
export { registerGateway } from './rpc/gateways.js';
export { droppedActivities, liftHold, placeHold, wantedRetention } from './rpc/keep-holds.js';
export { idsNamed } from './rpc/ids-named.js';
export { settleReaders, showDeliveries, type WantedReader, wantedReaders } from './rpc/siem-deliveries.js';
export { locateSession } from './rpc/locate-session.js';
export {
  GATEWAY_PRESENCE,
  gatewayPresence,
  Presence,
  PRESENCE_INTERVAL_MS,
  PRESENCE_LIMIT_MS,
  type PresentNode,
  presentNode,
  RELAY_PRESENCE,
  relayPresence,
} from './rpc/presence.js';
export {
  EndSession,
  EndSessionReply,
  FACTS_WAITING,
  FactsWaiting,
  Probe,
  ProbeReply,
  relaySubjects,
  StoredThrough,
} from './rpc/relay-commands.js';

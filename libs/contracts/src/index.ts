/**
 * The words that processes exchange, each with its schema. Whoever sends is checked by the same schema as whoever receives.
 *
 *   http/     operations: id, who may call, path, input, output. Routes, bus subjects, OpenAPI and SDK follow from them
 *   facts/    what happened: CloudEvents on `audit.v1.>`
 *   policy/   what stands in the buckets that relays and gateways read
 *   rpc/      everything else on the bus: subjects, permissions, presence, commands to relays
 */
export { activitySubject } from './facts/activity-facts.js';
export { AttemptUnanswered, attemptSubject } from './facts/attempt-facts.js';
export {
  authorOfFact,
  CHAINED_SERVICES,
  type ChainedService,
  ChainPlace,
  Envelope,
  FIRST_PREVIOUS,
  serviceStartedSubject,
} from './facts/envelope.js';
export { INTEGRITY_KINDS, IntegrityFound, type IntegrityKind, integritySubject } from './facts/integrity-facts.js';
export { healthFactSubject, ResourceHealthChanged } from './facts/health-facts.js';
export {
  AttemptEnded,
  FACT_LIMITS,
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
export { isForeignSession, SessionIds } from './facts/session-id.js';
export { Activity, listActivities, showActivity } from './http/activities.js';
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
export { HEALTH_BUCKET, healthKey, ServerHealth } from './http/health.js';
export {
  ACCESS_REASONS,
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
  createNodeToken,
  deleteNode,
  enrolNode,
  listNodes,
  Node,
  NODE_DELETED,
  NodeCredentials,
  renewalBytes,
  renewNode,
  showNode,
} from './http/nodes.js';
export { openApiDocument } from './http/openapi.js';
export { OPERATIONS } from './http/operations.js';
export { changePassword, resetPassword, setPassword } from './http/passwords.js';
export { Reach, withReach, Withdrawn } from './http/reach.js';
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
export { addServer, checkServer, deleteServer, listServers, Server, showServer, updateServer } from './http/servers.js';
export { listQuarantine, QuarantinedFact, retryQuarantine } from './http/quarantine.js';
export { AuditRecord, endSession, listSessions, reportAttempt, showSession } from './http/sessions.js';
export { OrganizationSettingsShape, Settings, showSettings, updateSettings } from './http/settings.js';
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
  DEFAULT_CLUSTER,
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
  ALL_FACTS,
  AUDIT_STREAM,
  bucketChanges,
  BUS_CROSSINGS,
  BUS_HEADERS,
  BUS_SERVICES,
  type BusAccount,
  type BusCrossing,
  type BusPermissions,
  type BusService,
  inboxPrefix,
  RELAY_LONGEST_MESSAGE,
  relayPermissions,
  servicePermissions,
  siemPermissions,
  STORED_FACTS,
} from './rpc/bus.js';
export { registerGateway } from './rpc/gateways.js';
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

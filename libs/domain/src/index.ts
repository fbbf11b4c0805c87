/**
 * The rules, and nothing else: no Nest, no Node, no npm package, so that every process and the browser can use the same ones.
 *
 *   access/     who may reach what, and what a change of the policy ends
 *   authority/  what an authority is for, and the steps of its rotation
 *   session/    states of a session and of its record, end reasons, outcomes, exactness
 *   resource/   the properties of a server, and the values that are assigned if none are given
 *   network/    addresses, blocks, host names and ports, parsed strictly
 *   egress/     where a relay may dial
 *   limit/      counting sessions and links, by keys that clients cannot choose
 *   settings/   timeouts, and how clients' machines see resources
 *   siem/       how far a reader of audit events has come, in words
 *   release/    which release this is, and which ones it works with
 *   health/     how the result of a dial changes a node's health, when a check is due and allowed, what is flapping
 *
 * A rule that is violated returns a `Refusal` with code, message, field and value; it does not throw. Time and randomness are
 * passed as arguments.
 */
export {
  type AccessPolicy,
  decideAccess,
  type PolicyAccount,
  type PolicyResource,
  type PolicyRole,
} from './access/decide-access.js';
export { endReasonOfChange } from './access/end-reason-of-change.js';
export {
  AUTHORITY_STATES,
  AUTHORITY_STEPS,
  type AuthorityState,
  type AuthorityStep,
  nextAuthorityStep,
} from './authority/authority-state.js';
export { BackOff } from './back-off.js';
export { bytesText } from './bytes-text.js';
export { canonicalJson } from './canonical-json.js';
export { csvRow, csvRowOf, type PathOf } from './csv.js';
export { decideEgress, type EgressRules, neverDialled } from './egress/decide-egress.js';
export { exhaustive } from './exhaustive.js';
export { addressKey } from './limit/address-key.js';
export { LinkCount, type LinkOwner } from './limit/link-count.js';
export { Tally } from './limit/tally.js';
export { Mutex } from './mutex.js';
export { parseJson } from './parse-json.js';
export { PROBLEM_CODES, type ProblemCode } from './problem-code.js';
export { OLDEST_NEIGHBOUR, RELEASE, RELEASE_HEADER, upgradeNeeded } from './release/release.js';
export { accept, type Outcome, type Refusal, refuse } from './refusal.js';
export {
  assignBindAddress,
  assignPortOverride,
  CONNECTIVITY_MODES,
  type ConnectivityMode,
  parseBindAddress,
  parsePortOverride,
  rangeHolds,
  rangeOf,
} from './resource/bind-address.js';
export { nameKey, parseDisplayName } from './resource/display-name.js';
export { clientAddressSpellings } from './network/client-address.js';
export { isHostPort, parseHostPort } from './network/host-port.js';
export { parseHostname } from './network/hostname.js';
export { type AddressBlock, blockHolds, parseBlock, parseIpv4, parseIpv6 } from './network/ip.js';
export { isLoopbackHost } from './network/loopback.js';
export { checkError, type CheckFailure, isCheckFailure } from './health/check-error.js';
export { isFlapping, recentChanges } from './health/flapping.js';
export { HEALTH_KINDS, type HealthKind, healthKind } from './health/health-kind.js';
export type { DialResult } from './health/node-health.js';
export {
  askFor,
  CHECK_MODES,
  type CheckMode,
  checkAllowedAt,
  checkDueAt,
  forgetNodes,
  GREETING_WITHIN_MS,
  noteDial,
  relayToAsk,
  type ServerChecks,
  stateOf,
  UNCHECKED,
} from './health/server-checks.js';
export { DEFAULT_PORT, parsePort } from './network/port.js';
export { clusterText, DEFAULT_CLUSTER } from './node/default-cluster.js';
export { parseNodeName } from './node/node-name.js';
export { SERVER_TYPES } from './resource/server-type.js';
export { parseTagFilter, parseTags, splitTags, type Tags } from './resource/tags.js';
export {
  type AttemptEnd,
  END_REASONS,
  type EndReason,
  OUTCOMES,
  outcomeOf,
  safeToRetry,
  type SessionEnd,
} from './session/end-reason.js';
export { bytesCarried, EXACTNESS, EXACTNESS_SIGNS, type Exactness, exactnessOf } from './session/exactness.js';
export { factInWords, signedText } from './session/fact-words.js';
export { INTEGRITY_KINDS, type IntegrityKind } from './session/integrity-kind.js';
export { RECORD_COLUMNS } from './session/record-columns.js';
export { RECORD_MOVES, RECORD_STATES } from './session/record-state.js';
export { parseSessionFilter, type SessionFilter } from './session/session-filter.js';
export { moveSession, type SessionState } from './session/session-state.js';
export {
  DEFAULT_NETWORK,
  dnsFits,
  type NetworkSettings,
  parseDnsName,
  parseDnsZones,
  parseLoopbackRange,
  parseVirtualSubnet,
} from './settings/network-settings.js';
export {
  checkSettingsOf,
  DEFAULT_RETENTION,
  DEFAULT_SETTINGS,
  isNumericSetting,
  MIN_RETENTION_DAYS,
  type OrganizationSettings,
  type OwnSettings,
  parseSetting,
  reaches,
  type RetentionSettings,
  type SessionSettings,
  settingsOf,
} from './settings/session-settings.js';
export { shortenedRetention } from './settings/shortened-retention.js';
export { nothingYet } from './siem/nothing-yet.js';
export { isMoment } from './moment.js';
export { shuffled } from './shuffled.js';
export { cleanText, plainText, plainValue } from './text.js';
export { isUuid } from './uuid.js';

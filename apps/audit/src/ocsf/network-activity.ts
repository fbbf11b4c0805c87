import {
  type AttemptEnded,
  type AttemptUnanswered,
  placeOfRelayFact,
  type SessionCheckpoint,
  type SessionClosed,
  type SessionOpened,
} from '@sluice/contracts';
import { type EndReason, outcomeOf } from '@sluice/domain';
import { type Attributes, type Draft, draft, type KnownFact, millisecondsOf, present } from './draft.js';
import { endpointOf, userOf } from './objects.js';

/** What a fact says in place of an id when it stands for several attempts that differ there. */
const SEVERAL = 'several';
/** Attributes of a profile are only valid in an event that names it. */
const PROFILES = ['host', 'network_proxy'] as const;

const ALLOWED = { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' };
const BLOCKED = { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' };
const REVOKED = { action_id: 2, action: 'Denied', disposition_id: 24, disposition: 'Access Revoked' };

/** Ends by which access was taken from a running session. */
const REVOCATIONS: readonly EndReason[] = [
  'grant ended',
  'account suspended',
  'login ended',
  'resource deleted',
  'operator ended',
  'policy stale',
];

type Beginning = SessionOpened | AttemptEnded;

/** A session was opened. */
export const openOf = (data: SessionOpened): Draft =>
  draft({
    of: 'network_activity',
    activity: 'open',
    severity: 'informational',
    status: 'success',
    message: `${whoIn(data)} connected to ${whatIn(data)}`,
    ...beginningOf(data),
    profiles: [...PROFILES, 'security_control'],
    attributes: {
      ...partiesIn(data),
      ...ALLOWED,
      ...(data.rule === null ? {} : { policy: { name: data.rule, is_applied: true } }),
      ...present({ start_time: millisecondsOf(data.startedAt) }),
    },
  });

/** An attempt was denied by a relay, or could not be connected. */
export function attemptOf(kind: 'refused' | 'failed', data: AttemptEnded): Draft {
  const { endReason, message, repeats, startedAt, endedAt, durationMs } = data;
  const denied = kind === 'refused';
  return draft({
    of: 'network_activity',
    activity: denied || endReason === 'connect refused' ? 'refuse' : 'fail',
    severity: 'low',
    status: 'failure',
    message: `${whoIn(data)} ${denied ? 'was refused' : 'could not be connected to'} ${whatIn(data)}: ${endReason}`,
    ...beginningOf(data),
    profiles: denied ? [...PROFILES, 'security_control'] : PROFILES,
    attributes: {
      ...partiesIn(data),
      ...(denied ? BLOCKED : {}),
      ...present({ start_time: millisecondsOf(startedAt), end_time: millisecondsOf(endedAt) }),
      duration: Math.round(durationMs),
      status_code: endReason,
      status_detail: message,
      count: repeats,
    },
  });
}

/** An attempt that no relay answered. */
export const unansweredOf = ({ id, account, resource, repeats, dropped, agent }: AttemptUnanswered): Draft =>
  draft({
    of: 'network_activity',
    activity: 'fail',
    severity: 'low',
    status: 'failure',
    message: `${account.email} could not be connected to ${resource.name}: ${agent.reason}`,
    correlation: id,
    profiles: ['host'],
    attributes: {
      actor: { user: userOf(account.id, account.email) },
      dst_endpoint: serverOf(resource.id, resource.name),
      connection_info: connectionOf(id),
      ...present({ start_time: millisecondsOf(agent.startedAt) }),
      status_code: agent.reason,
      status_detail: agent.message,
      count: repeats,
    },
    unmapped: { requestId: agent.requestId, attempt: agent.attempt, ...present({ dropped }) },
  });

/** A session ended. One that a middle device cut is a reset in the words of the schema, whoever was to blame. */
export function closeOf(data: SessionClosed, fact: KnownFact): Draft {
  const { sessionId, endReason, message, endedAt, durationMs, bytesUp, bytesDown, exactness, agent, endedBy } = data;
  const ended = millisecondsOf(endedAt);
  const inOrder = endReason === 'client closed' || endReason === 'resource closed';
  const by = endedBy === null ? '' : ` by ${endedBy.email ?? endedBy.id}`;
  const revoked = REVOCATIONS.includes(endReason);
  return draft({
    of: 'network_activity',
    activity: inOrder ? 'close' : 'reset',
    severity: revoked ? 'low' : 'informational',
    status: endedInOrder(endReason) ? 'success' : 'failure',
    message: `a session ended${by}: ${endReason}`,
    correlation: sessionId,
    profiles: revoked ? ['network_proxy', 'security_control'] : ['network_proxy'],
    attributes: {
      ...pathOf(fact, sessionId),
      traffic: trafficOf(bytesUp, bytesDown),
      cumulative_traffic: trafficOf(bytesUp, bytesDown),
      duration: Math.round(durationMs),
      ...(ended === undefined ? {} : { start_time: Math.max(0, ended - Math.round(durationMs)), end_time: ended }),
      status_code: endReason,
      ...present({ status_detail: message }),
      ...(revoked ? REVOKED : {}),
    },
    unmapped: present({ exactness, agent, endedBy, revocationMs: data.revocationMs }) ?? {},
  });
}

/** The bytes of a running session so far. */
export const trafficSoFar = ({ sessionId, bytesUp, bytesDown, durationMs }: SessionCheckpoint, fact: KnownFact): Draft =>
  draft({
    of: 'network_activity',
    activity: 'traffic',
    severity: 'informational',
    status: 'success',
    message: 'the bytes of a running session so far',
    correlation: sessionId,
    profiles: ['network_proxy'],
    attributes: {
      ...pathOf(fact, sessionId),
      cumulative_traffic: trafficOf(bytesUp, bytesDown),
      duration: Math.round(durationMs),
    },
  });

/** Whether an active session's end was observed. A relay may name a reason that ends no active session. */
function endedInOrder(reason: EndReason): boolean {
  try {
    return outcomeOf(reason, 'active') === 'completed';
  } catch {
    return false;
  }
}

const whoIn = ({ account }: Beginning): string => account.email ?? account.id;
const whatIn = ({ resource }: Beginning): string => resource.name ?? (resource.id === SEVERAL ? 'several servers' : resource.id);

const beginningOf = (data: Beginning) => ({
  correlation: data.sessionId,
  unmapped:
    present({
      requestId: data.requestId,
      attempt: data.attempt,
      cluster: data.cluster,
      gateway: data.gateway,
      sharedListener: data.sharedListener,
      tags: data.resource.tags,
    }) ?? {},
});

/** Who connected from where to what, through which relay. */
function partiesIn(data: Beginning): Attributes {
  const { account, loginId, resource, relay, clientAddress, dialledAddress, sessionId } = data;
  const user = userOf(account.id, account.email);
  const client = endpointOf(clientAddress);
  return {
    actor: { user, ...(loginId === SEVERAL ? {} : { session: { uid: loginId } }) },
    ...(client === undefined ? {} : { src_endpoint: { ...client, owner: user } }),
    dst_endpoint: {
      ...serverOf(resource.id === SEVERAL ? undefined : resource.id, resource.name ?? whatIn(data)),
      ...endpointOf(resource.endpoint),
      ...endpointOf(dialledAddress),
    },
    is_src_dst_assignment_known: true,
    proxy_endpoint: { uid: relay.id, name: relay.name },
    connection_info: connectionOf(sessionId),
  };
}

/** The way of a session of which only the end or the bytes are reported: what the subject proves. */
const pathOf = (fact: KnownFact, sessionId: string): Attributes => ({
  dst_endpoint: serverOf(placeOfRelayFact(fact.subject).resourceId, null),
  is_src_dst_assignment_known: true,
  proxy_endpoint: { uid: fact.author },
  connection_info: connectionOf(sessionId),
});

const serverOf = (uid: string | undefined, name: string | null): Attributes => ({
  ...present({ uid, name }),
  type_id: 1,
  type: 'Server',
});

/** Whether a client is inside or outside a network is not known. */
const connectionOf = (uid: string): Attributes => ({
  uid,
  direction_id: 0,
  direction: 'Unknown',
  protocol_name: 'tcp',
  protocol_num: 6,
});

/** In the schema "out" is from the source to the destination: from the client to the server. */
const trafficOf = (up: number, down: number): Attributes => ({
  bytes_out: up,
  bytes_in: down,
  ...(Number.isSafeInteger(up + down) ? { bytes: up + down } : {}),
});

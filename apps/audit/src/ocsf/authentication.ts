import type { Activity } from '@sluice/contracts';
import { actorOf, afterOf, nameOfActor } from './change.js';
import { type Draft, draft, millisecondsOf, present } from './draft.js';
import { endpointOf, userOf } from './objects.js';

/** What an account signs in to. */
const SERVICE = { name: 'Sluice' };

/** Somebody signed in or out, or tried to. Undefined for any other activity. */
export function authenticationOf(activity: Activity): Draft | undefined {
  if (activity.object.kind !== 'login') return undefined;
  switch (activity.verb) {
    case 'opened':
      return logon(activity);
    case 'ended':
      return logoff(activity);
    case 'failed':
    case 'limited':
      return refusedLogon(activity);
    default:
      return undefined;
  }
}

function logon(activity: Activity): Draft {
  const { actor, at, object, requestId } = activity;
  const { address, expiresAt } = afterOf(activity);
  return draft({
    of: 'authentication',
    activity: 'logon',
    severity: 'informational',
    status: 'success',
    message: `${nameOfActor(activity)} signed in`,
    correlation: requestId,
    attributes: {
      user: userOf(actor.id, actor.email),
      actor: actorOf(activity),
      session: present({
        uid: object.id,
        created_time: millisecondsOf(at),
        expiration_time: millisecondsOf(expiresAt),
        is_remote: true,
      }),
      service: SERVICE,
      is_remote: true,
      ...present({ src_endpoint: endpointOf(address) }),
    },
    unmapped: present({ address }) ?? {},
  });
}

function logoff(activity: Activity): Draft {
  const { actor, object, requestId } = activity;
  const own = object.name !== null && object.name === actor.email;
  return draft({
    of: 'authentication',
    activity: 'logoff',
    severity: 'informational',
    status: 'success',
    message: own ? `${object.name} signed out` : `${nameOfActor(activity)} ended a login of ${object.name ?? 'an account'}`,
    correlation: requestId,
    attributes: {
      user: userOf(own ? actor.id : undefined, object.name),
      actor: actorOf(activity),
      session: { uid: object.id },
      service: SERVICE,
      is_remote: true,
    },
  });
}

function refusedLogon(activity: Activity): Draft {
  const { object, verb, at } = activity;
  const { address, count = 1, minute } = afterOf(activity);
  const limited = verb === 'limited';
  const who = object.name ?? 'an unknown account';
  return draft({
    of: 'authentication',
    activity: 'logon',
    severity: limited ? 'medium' : 'low',
    status: 'failure',
    message: limited ? `sign-ins to ${who} were rejected unchecked: too many had failed` : `sign-ins to ${who} failed`,
    profiles: ['security_control'],
    attributes: {
      user: userOf(object.id, object.name),
      service: SERVICE,
      is_remote: true,
      status_code: `login.${verb}`,
      status_detail: limited ? 'too many sign-ins had failed before' : 'wrong e-mail address or password',
      action_id: 2,
      action: 'Denied',
      disposition_id: 2,
      disposition: 'Blocked',
      count,
      ...present({
        src_endpoint: endpointOf(address),
        start_time: millisecondsOf(minute),
        end_time: minute === undefined ? undefined : millisecondsOf(at),
      }),
    },
    unmapped: present({ address }) ?? {},
  });
}

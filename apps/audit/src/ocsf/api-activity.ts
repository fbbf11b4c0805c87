import { type Activity, type OcsfActivityOf, OPERATIONS } from '@sluice/contracts';
import { actorOf, afterOf, nameOfActor } from './change.js';
import { type Draft, draft, millisecondsOf, present } from './draft.js';
import { endpointOf } from './objects.js';

const ACTIVITIES = { GET: 'read', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const;

/** A call of the API that the caller's role does not allow. Undefined for any other activity. */
export function deniedCallOf(activity: Activity): Draft | undefined {
  const { object, verb, at } = activity;
  if (object.kind !== 'call' || verb !== 'denied') return undefined;
  const { address, count = 1, minute } = afterOf(activity);
  return draft({
    of: 'api_activity',
    activity: activityOf(object.id),
    severity: 'low',
    status: 'failure',
    message: `${nameOfActor(activity)} may not call ${object.id}`,
    profiles: ['security_control'],
    attributes: {
      actor: actorOf(activity),
      api: { operation: object.id, service: { name: 'Sluice' }, version: 'v1' },
      src_endpoint: endpointOf(address) ?? { name: address ?? 'unknown' },
      status_code: 'call.denied',
      status_detail: "the account's role in the API does not allow this operation",
      action_id: 2,
      action: 'Denied',
      disposition_id: 26,
      disposition: 'Unauthorized',
      count,
      ...present({
        start_time: millisecondsOf(minute),
        end_time: minute === undefined ? undefined : millisecondsOf(at),
      }),
    },
  });
}

/** What an operation would have done. Several operations may share one fact, and a newer release may have others. */
function activityOf(id: string): OcsfActivityOf<'api_activity'> {
  const operation = OPERATIONS.find((known) => known.id === id);
  if (!operation) return 'other';
  return operation.method === 'POST' && operation.creates !== true ? 'update' : ACTIVITIES[operation.method];
}

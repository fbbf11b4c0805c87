import type { Activity, OcsfActivityOf } from '@sluice/contracts';
import { actorOf, afterOf, nameOfActor } from './change.js';
import { type Attributes, type Draft, draft, present } from './draft.js';
import { userOf } from './objects.js';

/** What a verb is in the schema, whatever it is done with. */
const VERBS: Readonly<Record<string, OcsfActivityOf<'entity_management'>>> = {
  added: 'create',
  created: 'create',
  registered: 'create',
  enrolled: 'enroll',
  updated: 'update',
  granted: 'update',
  revoked: 'update',
  assigned: 'update',
  unassigned: 'update',
  'password-changed': 'update',
  'password-set': 'update',
  'password-reset': 'update',
  rotated: 'update',
  replayed: 'update',
  moved: 'move',
  drained: 'deactivate',
  undrained: 'activate',
  ended: 'deactivate',
  suspended: 'suspend',
  resumed: 'resume',
  deleted: 'delete',
};
/** Verbs that mean something else for one kind of object. */
const EXCEPTIONS: typeof VERBS = { 'cluster-key.revoked': 'delete' };

/** Something that an administrator or a user changed. */
export function changeOf(activity: Activity): Draft {
  const { verb, object, member, before, after, requestId, shortened } = activity;
  const known = EXCEPTIONS[`${object.kind}.${verb}`] ?? (Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined);
  const { why } = afterOf(activity);
  const named = `${object.kind} ${object.name ?? object.id}`;
  return draft({
    of: 'entity_management',
    activity: known ?? 'other',
    ...(known === undefined ? { activityName: verb } : {}),
    severity: 'informational',
    status: 'success',
    message: `${nameOfActor(activity)}: ${named} ${verb}${member === undefined ? '' : ` (${member.kind} ${member.name ?? member.id})`}`,
    correlation: requestId,
    attributes: {
      actor: actorOf(activity),
      entity: entityOf(activity, before),
      entity_result: entityOf(activity, after),
      ...present({ comment: why }),
    },
    unmapped: present({ verb, member, shortened }) ?? {},
  });
}

/** What was changed, as it was or is. Only an account is of a type that the schema has. */
function entityOf({ object, member }: Activity, data: unknown): Attributes {
  const { kind, id, name } = object;
  const user = kind === 'user' ? object : member?.kind === 'user' ? member : undefined;
  return {
    ...present({ uid: id, name, data, user: user && userOf(user.id, user.name) }),
    ...(kind === 'user' ? { type_id: 2, type: 'User' } : { type_id: 99, type: kind }),
  };
}

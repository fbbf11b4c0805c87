/** What is known of events of any form, and where it is in one: the first path that has a text or a number is taken. */
const PATHS = {
  email: ['data.account.email', 'data.actor.email', 'actor.user.email_addr', 'user.email_addr'],
  account: ['data.account.id', 'data.actor.id', 'actor.user.uid', 'user.uid'],
  client: ['data.clientAddress', 'data.address', 'src_endpoint.ip'],
  clientPort: ['src_endpoint.port'],
  dialled: ['data.dialledAddress', 'dst_endpoint.ip'],
  host: ['data.resource.endpoint', 'dst_endpoint.hostname'],
  port: ['dst_endpoint.port'],
  verb: ['data.verb', 'activity_name'],
  outcome: ['data.endReason', 'data.state', 'status'],
  message: ['data.message', 'data.reason', 'message'],
  bytesUp: ['data.bytesUp', 'traffic.bytes_out'],
  bytesDown: ['data.bytesDown', 'traffic.bytes_in'],
  start: ['data.startedAt', 'start_time'],
  end: ['data.endedAt', 'end_time'],
  name: ['data.resource.name', 'data.object.name', 'dst_endpoint.name'],
  session: ['data.sessionId', 'connection_info.uid'],
  relay: ['data.relay.name', 'data.relay.id', 'node'],
  rule: ['data.rule'],
} as const;
/** Something that is known of events of any form. */
export type KnownValue = keyof typeof PATHS;

/** Looks a value up in the fields of an event. */
export function valueOf(fields: Readonly<Record<string, unknown>>, what: KnownValue): string | undefined {
  for (const path of PATHS[what]) {
    let value: unknown = fields;
    for (const name of path.split('.'))
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined;
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return String(value);
  }
  return undefined;
}

/** The beginning of a text, which is not cut within a character. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : [...text.slice(0, 2 * max)].slice(0, max).join('');

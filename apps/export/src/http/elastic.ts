import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { parseJson } from '@sluice/domain';
import { z } from 'zod';
import { BatchRefusedError, type Destination, type RefusedEvent } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import { cut, valueOf } from '../event/known-values.js';
import type { HttpSender } from './http-sender.js';

/** The response to an action: only what is wrong with it has a reason. */
const Item = z.object({
  create: z.object({
    status: z.int(),
    error: z.looseObject({ type: z.string().optional(), reason: z.string().optional() }).optional(),
  }),
});
const Answer = z.object({ items: z.array(Item) });
/** The document is there already: a repetition. */
const CONFLICT = 409;

interface ElasticOptions {
  /** The `Authorization` header. Secret. */
  readonly authorization: string | undefined;
  /** The index or data stream. */
  readonly index: string;
}

/**
 * The bulk API of Elasticsearch, and of what speaks the same. Every item of the response is looked at. The id of a document follows
 * from the event's id and content, so that a repetition is one document, and nobody's event can take the place of another one by its id.
 */
export class Elastic implements Destination {
  constructor(
    private readonly sender: HttpSender,
    private readonly options: ElasticOptions,
  ) {}

  get name(): string {
    return `the bulk API at ${this.sender.name}`;
  }

  async send(events: readonly AuditEvent[], signal: AbortSignal): Promise<readonly RefusedEvent[]> {
    const { authorization, index } = this.options;
    const body = events.map((event) => `${actionOf(event, index)}\n${documentOf(event)}\n`).join('');
    const headers = { 'content-type': 'application/x-ndjson', ...(authorization === undefined ? {} : { authorization }) };
    const { status, words, body: answer } = await this.sender.send('POST', body, headers, signal);
    if (status === 400 || status === 413) throw new BatchRefusedError(`the bulk API responded ${words}`);
    const { data } = Answer.safeParse(status === 200 ? parseJson(answer) : undefined);
    if (data?.items.length !== events.length) throw new Error(`the bulk API responded ${words}`);
    const failed = data.items.find(({ create }) => !isTaken(create.status) && create.status !== 400);
    if (failed !== undefined) throw new Error(`the bulk API responded to an event ${this.reasonOf(failed)}`); // those that are taken are not taken twice
    return data.items.flatMap((item, at) =>
      isTaken(item.create.status) ? [] : [{ event: events[at] as AuditEvent, reason: this.reasonOf(item) }],
    );
  }

  async close(): Promise<void> {
    this.sender.close();
  }

  private reasonOf({ create: { status, error } }: z.infer<typeof Item>): string {
    const { type = 'no reason', reason } = error ?? {};
    return `${status}: ${this.sender.excerpt(reason === undefined ? type : `${type}, ${reason}`)}`;
  }
}

const isTaken = (status: number): boolean => (status >= 200 && status < 300) || status === CONFLICT;

function actionOf({ id, json }: AuditEvent, index: string): string {
  const digest = createHash('sha256').update(json).digest('hex').slice(0, 16);
  return JSON.stringify({ create: { _index: index, _id: `${id}.${digest}` } }); // data streams accept no other action
}

/**
 * A document has few fields, and each always has one kind of value. An index derives the type of a field from the first value that it
 * sees, and refuses others later: with fields of the event itself, a server whose name is a date would have all other names refused,
 * and tags of many names would use up the fields that an index can have. The event is a text, in `event.original`.
 */
function documentOf({ id, type, time, storedAt, number, subject, json, fields }: AuditEvent): string {
  const [email, account, client] = (['email', 'account', 'client'] as const).map((what) => valueOf(fields, what));
  const ip = client?.replace(/^\[(.+)\]:\d+$|^([^:]+):\d+$/, '$1$2') ?? '';
  return JSON.stringify({
    '@timestamp': time.toISOString(),
    event: { id, kind: 'event', module: 'sluice', action: type, ingested: storedAt.toISOString(), original: json },
    user: {
      ...(email?.includes('@') && { email: cut(email, MAX_VALUE) }),
      ...(account !== undefined && UUID.test(account) && { id: account }),
    },
    source: { ...(isIP(ip) !== 0 && { ip }), ...countOf('bytes', valueOf(fields, 'bytesUp')) },
    destination: countOf('bytes', valueOf(fields, 'bytesDown')),
    sluice: { number, subject, values: VALUES.flatMap((what) => labelled(what, valueOf(fields, what))) },
  });
}

/** What is searched for by name and value, such as `session=0190…`: a text that begins with a name is never taken for anything else. */
const VALUES = ['email', 'name', 'session', 'relay', 'outcome', 'rule', 'dialled', 'verb'] as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The longest value that an index keeps whole, in characters. */
const MAX_VALUE = 200;

const labelled = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`${name}=${cut(value, MAX_VALUE)}`];

/** A count of bytes, if it is one. */
const countOf = (name: string, value: string | undefined): Record<string, number> =>
  value !== undefined && /^\d{1,15}$/.test(value) ? { [name]: Number(value) } : {};

import { parseJson } from '@sluice/domain';
import { z } from 'zod';
import { BatchRefusedError, type Destination, type RefusedEvent } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import type { HttpSender } from './http-sender.js';

const SOURCETYPE = 'sluice:audit';
/** The codes by which an HTTP Event Collector refuses the events themselves. Others of status 400 refuse the index or the token, which is a setting. */
const EVENT_CODES: readonly number[] = [6, 12, 13, 15];
const Answer = z.object({ code: z.int() });

interface SplunkOptions {
  /** The `Authorization` header. Secret. */
  readonly authorization: string;
  /** The index, if it is not that of the token. */
  readonly index: string | undefined;
}

/** An HTTP Event Collector of Splunk, and what speaks the same. It has taken the events when it responds with code 0. */
export class Splunk implements Destination {
  constructor(
    private readonly sender: HttpSender,
    private readonly options: SplunkOptions,
  ) {}

  get name(): string {
    return `the event collector at ${this.sender.name}`;
  }

  async send(events: readonly AuditEvent[], signal: AbortSignal): Promise<readonly RefusedEvent[]> {
    const { authorization, index } = this.options;
    const body = events.map((event) => entryOf(event, index)).join('\n');
    const {
      status,
      words,
      body: answer,
    } = await this.sender.send('POST', body, { 'content-type': 'application/json', authorization }, signal);
    const { data } = Answer.safeParse(parseJson(answer));
    if (status === 200 && data?.code === 0) return [];
    if (status === 413 || (status === 400 && data !== undefined && EVENT_CODES.includes(data.code)))
      throw new BatchRefusedError(`the event collector responded ${words}`);
    throw new Error(`the event collector responded ${words}`);
  }

  async close(): Promise<void> {
    this.sender.close();
  }
}

function entryOf({ time, number, subject, id, type, json }: AuditEvent, index: string | undefined): string {
  const about = {
    time: time.getTime() / 1000,
    source: 'sluice',
    sourcetype: SOURCETYPE,
    ...(index === undefined ? {} : { index }),
    fields: { id, type, number, subject },
  };
  return `${JSON.stringify(about).slice(0, -1)},"event":${json}}`;
}

import { BatchRefusedError, type Destination, type RefusedEvent } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import { eventLine } from '../event/read-event.js';
import type { HttpSender } from './http-sender.js';
import { SIGNATURE_HEADER, signatureOf } from './signature.js';

/** Responses by which a server refuses the content of a request: sent again, it would be refused again. */
const REFUSALS: readonly number[] = [400, 413, 422];

/** What a webhook is sent beside the events. */
interface WebhookOptions {
  /** The `Authorization` header; none by default. Secret. */
  readonly authorization: string | undefined;
  /** The key that requests are signed with; they are not signed by default. Secret. */
  readonly signingKey: string | undefined;
}

/** A server of anybody's: `{"events":[{"number":42,"subject":"…","event":{...}}]}`, which it has taken when it responds with 2xx. */
export class Webhook implements Destination {
  constructor(
    private readonly sender: HttpSender,
    private readonly options: WebhookOptions,
  ) {}

  get name(): string {
    return `the webhook at ${this.sender.name}`;
  }

  async send(events: readonly AuditEvent[], signal: AbortSignal): Promise<readonly RefusedEvent[]> {
    const { authorization, signingKey } = this.options;
    const body = `{"events":[${events.map(eventLine).join(',')}]}`;
    const headers = {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
      ...(signingKey === undefined ? {} : { [SIGNATURE_HEADER]: signatureOf(signingKey, body, new Date()) }),
    };
    const { status, words } = await this.sender.send('POST', body, headers, signal);
    if (status >= 200 && status < 300) return [];
    if (REFUSALS.includes(status)) throw new BatchRefusedError(`the server responded ${words}`);
    throw new Error(`the server responded ${words}`);
  }

  async close(): Promise<void> {
    this.sender.close();
  }
}

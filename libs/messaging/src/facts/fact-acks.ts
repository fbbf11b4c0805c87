import { createHash } from 'node:crypto';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { createInbox, headers } from '@nats-io/transport-node';
import { parseJson } from '@sluice/domain';
import { z } from 'zod';

const ANSWER_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 500;

/** JetStream's acknowledgement: an error, or the sequence in the stream. An error also names the stream, with sequence 0, so it is checked first. */
const PubAck = z.union([
  z.object({ error: z.object({ code: z.number(), description: z.string().default('refused') }) }),
  z.object({ stream: z.string(), seq: z.int().min(1) }),
]);

interface Waiting {
  readonly until: number;
  readonly done: (answer: number | Error) => void;
}

/**
 * Publishes facts and matches JetStream's acknowledgements to them. One subscription receives all of them, because a request of
 * the client library costs several times as much, and a relay publishes two facts per session.
 */
export class FactAcks {
  private readonly waiting = new Map<string, Waiting>();
  private readonly timer: NodeJS.Timeout;
  /** It cannot be guessed, because an acknowledgement that another user sent here would be taken for JetStream's. */
  private readonly inbox: string;
  private next = 1;

  /** @param prefix that of this user's inboxes */
  constructor(
    private readonly connection: NatsConnection,
    prefix: string,
  ) {
    this.inbox = createInbox(prefix);
    connection.subscribe(`${this.inbox}.*`, { callback: (error, message) => (error ? undefined : this.answered(message)) });
    this.timer = setInterval(() => this.giveUp(), LOOK_EVERY_MS).unref();
  }

  /**
   * Publishes a fact. Its message id is the hash of its bytes: if others could guess it, they could use it first, and JetStream
   * would drop the genuine fact as a duplicate. Resolves to its sequence in the stream once JetStream has stored it.
   * @throws Error if JetStream rejected it, or did not acknowledge it in time
   */
  publish(subject: string, bytes: Uint8Array): Promise<number> {
    const reply = `${this.inbox}.${this.next++}`;
    const head = headers();
    head.set('Nats-Msg-Id', createHash('sha256').update(bytes).digest('hex'));
    return new Promise((resolve, reject) => {
      this.waiting.set(reply, {
        until: Date.now() + ANSWER_WITHIN_MS,
        done: (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)),
      });
      try {
        this.connection.publish(subject, bytes, { reply, headers: head });
      } catch (error) {
        this.settle(reply, error as Error);
      }
    });
  }

  stop(): void {
    clearInterval(this.timer);
    for (const reply of this.waiting.keys()) this.settle(reply, new Error('the connection is being closed'));
  }

  private answered(message: Msg): void {
    if (message.headers?.code === 503) return this.settle(message.subject, new Error('no stream accepts this fact'));
    const ack = PubAck.safeParse(parseJson(message.string())).data;
    if (!ack) return this.settle(message.subject, new Error('JetStream sent a malformed acknowledgement'));
    this.settle(message.subject, 'error' in ack ? new Error(`JetStream: ${ack.error.description}`) : ack.seq);
  }

  private settle(reply: string, answer: number | Error): void {
    this.waiting.get(reply)?.done(answer);
    this.waiting.delete(reply);
  }

  private giveUp(): void {
    const now = Date.now();
    for (const [reply, { until }] of this.waiting) {
      if (until > now) return; // in the order in which they were published
      this.settle(reply, new Error('JetStream did not acknowledge it in time'));
    }
  }
}

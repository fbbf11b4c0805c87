import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, headers, jwtAuthenticator, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import {
  BUS_HEADERS,
  inboxPrefix,
  type InputOf,
  type Operation,
  operationSubject,
  type OutputOf,
  Problem,
  ProblemError,
  unavailable,
} from '@sluice/contracts';
import { z } from 'zod';
import { FactAcks } from './fact-acks.js';

/** Who we are on the bus, and where it is. A `jwt` that is a function is asked again at each connect, so that a renewed one is used. */
export interface BusOptions {
  readonly servers: readonly string[];
  /** Name of the bus user: also its inbox prefix. */
  readonly user: string;
  readonly jwt: string | (() => string);
  /** Seed of the user's key. Secret. */
  readonly seed: string;
  /** The authority of the server's certificate, PEM: TLS is insisted on. Without it the server decides, and the machine's authorities hold. */
  readonly ca?: string | undefined;
  /** Called at each connect and disconnect. */
  readonly onStatus?: (connected: boolean, detail: string) => void;
}

/** On whose behalf an operation is called. */
export interface CallOrigin {
  readonly token?: string | undefined;
  readonly requestId: string;
  readonly idempotencyKey?: string | undefined;
  /** Where the request came from. */
  readonly clientAddress?: string | undefined;
}

/** Answer on the wire. */
const Reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), problem: Problem }),
]);
export type Reply = z.infer<typeof Reply>;

const ANSWER_WITHIN_MS = 15_000;
const CONNECT_TIMEOUT_MS = 4000;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A connection to NATS that comes back by itself indefinitely. One per process. */
export class Bus {
  private up = true;
  private readonly facts: FactAcks;

  private constructor(
    readonly connection: NatsConnection,
    readonly jetstream: JetStreamClient,
    readonly manager: JetStreamManager,
    private readonly options: BusOptions,
  ) {
    this.facts = new FactAcks(connection, inboxPrefix(options.user));
    void this.followStatus();
  }

  /** Connects, waiting for a server as long as it takes. */
  static async connect(options: BusOptions): Promise<Bus> {
    const connection = await connect({
      servers: [...options.servers],
      name: options.user,
      inboxPrefix: inboxPrefix(options.user),
      authenticator: jwtAuthenticator(options.jwt, new TextEncoder().encode(options.seed)),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 250,
      ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
      noRandomize: true, // they are given in the order in which they are to be tried
      timeout: CONNECT_TIMEOUT_MS,
      waitOnFirstConnect: true,
      ignoreAuthErrorAbort: true,
      pingInterval: 10_000,
      maxPingOut: 2,
    });
    const js = jetstream(connection);
    return new Bus(connection, js, await jetstreamManager(connection, { checkAPI: false }), options);
  }

  /** Whether NATS answers as far as is known. */
  get connected(): boolean {
    return this.up && !this.connection.isClosed();
  }

  /** Bytes of the largest message that the server takes; what is longer makes `publish` throw. */
  get largestMessage(): number {
    return this.connection.info?.max_payload ?? 1024 * 1024;
  }

  /** Key-value buckets. */
  get buckets(): Kvm {
    return new Kvm(this.connection);
  }

  /** Calls an operation of a service. @throws ProblemError: the service's own, or 503 when nobody answers. */
  async call<T extends Operation>(operation: T, input: InputOf<T>, origin: CallOrigin): Promise<OutputOf<T>> {
    const head = headers();
    head.set(BUS_HEADERS.requestId, origin.requestId);
    if (origin.token !== undefined) head.set(BUS_HEADERS.token, origin.token);
    if (origin.idempotencyKey !== undefined) head.set(BUS_HEADERS.idempotencyKey, origin.idempotencyKey);
    if (origin.clientAddress !== undefined) head.set(BUS_HEADERS.clientAddress, origin.clientAddress);
    const reply = Reply.safeParse(
      await this.exchange(operationSubject(operation), input, `the ${operation.owner} service`, head),
    );
    if (!reply.success) throw unavailable(`the ${operation.owner} service gave an answer that is not understood`);
    if (!reply.data.ok) throw ProblemError.received(reply.data.problem);
    return operation.output.parse(reply.data.result) as OutputOf<T>;
  }

  /** Sends a request to one node; `who` names it in the error. @throws ProblemError 503 when it does not answer. */
  async request<S extends z.ZodType>(subject: string, body: unknown, schema: S, who: string): Promise<z.infer<S>> {
    return schema.parse(await this.exchange(subject, body, who));
  }

  private async exchange(subject: string, body: unknown, who: string, head = headers()): Promise<unknown> {
    if (!this.connected) throw unavailable(`${who} cannot be reached: the message bus is away`);
    try {
      const message = await this.connection.request(subject, encode(body), { timeout: ANSWER_WITHIN_MS, headers: head });
      return message.json();
    } catch (cause) {
      throw Object.assign(unavailable(`${who} does not answer`), { cause });
    }
  }

  /** Responds to requests on a subject; one that does not fit the schema gets no response. */
  respond<S extends z.ZodType>(subject: string, schema: S, handler: (request: z.infer<S>) => Promise<unknown>): Subscription {
    return this.subscribeTo(subject, (message) => {
      const request = schema.safeParse(json(message));
      if (!request.success) return;
      void handler(request.data)
        .then((reply) => message.respond(encode(reply)))
        .catch(() => undefined); // the caller gets no response, and reports that
    });
  }

  /** Calls `handler` with every message on a subject that fits the schema. */
  subscribe<S extends z.ZodType>(subject: string, schema: S, handler: (body: z.infer<S>, subject: string) => void): Subscription {
    return this.subscribeTo(subject, (message) => {
      const body = schema.safeParse(json(message));
      if (body.success) handler(body.data, message.subject);
    });
  }

  /** Calls `handler` with the subject of every message; the message itself is not read. */
  subscribeToSubjects(subject: string, handler: (subject: string) => void): Subscription {
    return this.subscribeTo(subject, (message) => handler(message.subject));
  }

  /** Publishes to whoever has subscribed, if anybody has. Dropped while the bus is away. */
  publish(subject: string, body: unknown): void {
    if (this.connected) this.connection.publish(subject, encode(body));
  }

  /** Publishes a fact and waits until JetStream has it. @returns its sequence in the stream. @throws Error when it was not acknowledged. */
  publishFact(subject: string, bytes: Uint8Array): Promise<number> {
    return this.facts.publish(subject, bytes);
  }

  /** Ends the connection after what was sent is out. */
  async close(): Promise<void> {
    this.facts.stop();
    if (!this.connected) return this.connection.close();
    await Promise.race([this.connection.drain(), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
  }

  private subscribeTo(subject: string, handler: (message: Msg) => void): Subscription {
    return this.connection.subscribe(subject, { callback: (error, message) => (error ? undefined : handler(message)) });
  }

  private async followStatus(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.mark(false, status.type);
      if (status.type === 'reconnect') this.mark(true, status.type);
      if (status.type === 'error') this.options.onStatus?.(this.up, `error: ${status.error.message}`);
    }
  }

  private mark(up: boolean, detail: string): void {
    this.up = up;
    this.options.onStatus?.(up, detail);
    for (const listener of this.listeners) listener(up);
  }

  private readonly listeners = new Set<(up: boolean) => void>();

  /** Calls `listener` whenever the connection is lost or back. @returns a function that stops it. */
  onChange(listener: (up: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function json(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

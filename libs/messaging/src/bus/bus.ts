import { setTimeout as sleep } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import {
  connect,
  jwtAuthenticator,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import {
  BUS_METRICS,
  inboxPrefix,
  type InputOf,
  type Operation,
  operationSubject,
  type OutputOf,
  ProblemError,
  unavailable,
} from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import { inSpan } from '@sluice/traces';
import { Counter, Gauge } from 'prom-client';
import type { z } from 'zod';
import { FactAcks } from '../facts/fact-acks.js';
import type { BusOptions } from './bus-options.js';
import { tolerateMalformedHeaders } from './lenient-headers.js';
import { callHeaders, type CallOrigin, operationAttributes, Reply } from './operation-call.js';

const RESPONSE_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 4000;
/** How long `close` waits for what was published to be sent. */
const DRAIN_TIMEOUT_MS = 2000;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

tolerateMalformedHeaders();

const connected = new Gauge(BUS_METRICS.connected);
const disconnects = new Counter(BUS_METRICS.disconnects);

/** A connection to NATS that is restored indefinitely whenever it is lost. One per process. */
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
    connected.set(1);
    void this.followStatus();
  }

  /** Connects, however long it takes until a server accepts the connection. */
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
      noRandomize: true, // the caller has put the servers in the order in which to try them
      timeout: CONNECT_TIMEOUT_MS,
      waitOnFirstConnect: true,
      ignoreAuthErrorAbort: true,
      pingInterval: 10_000,
      maxPingOut: 2,
    });
    const js = jetstream(connection);
    return new Bus(connection, js, await jetstreamManager(connection, { checkAPI: false }), options);
  }

  /** Whether the connection to NATS is up, as far as is known. */
  get connected(): boolean {
    return this.up && !this.connection.isClosed();
  }

  /** Bytes of the largest message that the server accepts; `publish` throws on a longer one. */
  get largestMessage(): number {
    return this.connection.info?.max_payload ?? 1024 * 1024;
  }

  /** How many servers keep each stream and bucket that this process makes. */
  get replicas(): number {
    return this.options.replicas ?? 1;
  }

  /** Has a stream kept by as many servers as are configured. If that is not possible now, it stays as it is, and that is logged. */
  async replicate(stream: string, present: number): Promise<void> {
    if (present === this.replicas) return;
    await this.manager.streams.update(stream, { num_replicas: this.replicas }).catch((error: unknown) => {
      const why = `error: ${stream} is kept by ${present} servers and not by ${this.replicas}: ${(error as Error).message}`;
      this.options.onStatus?.(this.connected, why);
    });
  }

  /** Key-value buckets. */
  get buckets(): Kvm {
    return new Kvm(this.connection);
  }

  /** Calls an operation of a service. @throws ProblemError: the service's own, or 503 when no service responds. */
  call<T extends Operation>(operation: T, input: InputOf<T>, origin: CallOrigin): Promise<OutputOf<T>> {
    const attributes = operationAttributes(operation, origin.requestId);
    return inSpan(`${operation.owner} ${operation.id}`, { kind: 'client', attributes }, () =>
      this.callNow(operation, input, origin),
    );
  }

  private async callNow<T extends Operation>(operation: T, input: InputOf<T>, origin: CallOrigin): Promise<OutputOf<T>> {
    const service = `the ${operation.owner} service`;
    const reply = Reply.safeParse(await this.exchange(operationSubject(operation), input, service, callHeaders(origin)));
    if (!reply.success) throw unavailable(`${service} sent a malformed response`);
    if (!reply.data.ok) throw ProblemError.received(reply.data.problem);
    return operation.output.parse(reply.data.result) as OutputOf<T>;
  }

  /** Sends a request to one node, which an error calls `responder`. @throws ProblemError 503 when it does not respond, or not as the schema wants. */
  async request<S extends z.ZodType>(subject: string, body: unknown, schema: S, responder: string): Promise<z.infer<S>> {
    const response = schema.safeParse(await this.exchange(subject, body, responder));
    if (!response.success) throw unavailable(`${responder} sent a malformed response`);
    return response.data;
  }

  private async exchange(subject: string, body: unknown, responder: string, headers?: MsgHdrs): Promise<unknown> {
    if (!this.connected) throw unavailable(`${responder} cannot be reached: the message bus is unavailable`);
    const options = { timeout: RESPONSE_TIMEOUT_MS, ...(headers ? { headers } : {}) };
    try {
      return jsonOf(await this.connection.request(subject, encode(body), options));
    } catch (cause) {
      throw Object.assign(unavailable(`${responder} does not respond`), { cause });
    }
  }

  /** Responds to requests on a subject, except to those that do not match the schema. */
  respond<S extends z.ZodType>(subject: string, schema: S, handler: (request: z.infer<S>) => Promise<unknown>): Subscription {
    return this.subscribeTo(subject, (message) => {
      const request = schema.safeParse(jsonOf(message));
      if (!request.success) return;
      void handler(request.data)
        .then((reply) => message.respond(encode(reply)))
        .catch(() => undefined); // the caller gets no response, and reports that
    });
  }

  /** Calls `handler` with every message on a subject that matches the schema. Of those that name the same `queue` one gets each message. */
  subscribe<S extends z.ZodType>(
    subject: string,
    schema: S,
    handler: (body: z.infer<S>, subject: string) => void,
    queue?: string,
  ): Subscription {
    const parse = (message: Msg): void => {
      const body = schema.safeParse(jsonOf(message));
      if (body.success) handler(body.data, message.subject);
    };
    return this.subscribeTo(subject, parse, queue);
  }

  /** Calls `handler` with the subject of every message; the message itself is not read. `queue`: as in `subscribe`. */
  subscribeToSubjects(subject: string, handler: (subject: string) => void, queue?: string): Subscription {
    return this.subscribeTo(subject, (message) => handler(message.subject), queue);
  }

  /** Publishes to the subscribers that there are. The message is dropped while the bus is unavailable. */
  publish(subject: string, body: unknown): void {
    if (this.connected) this.connection.publish(subject, encode(body));
  }

  /** Publishes a fact and waits until JetStream has stored it. @returns its sequence in the stream. @throws Error when it was not acknowledged. */
  publishFact(subject: string, bytes: Uint8Array): Promise<number> {
    return this.facts.publish(subject, bytes);
  }

  /** Closes the connection once everything that was published has been sent. */
  async close(): Promise<void> {
    this.facts.stop();
    if (!this.connected) return this.connection.close();
    await Promise.race([this.connection.drain(), sleep(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
  }

  private subscribeTo(subject: string, handler: (message: Msg) => void, queue?: string): Subscription {
    const callback = (error: Error | null, message: Msg) => (error ? undefined : handler(message));
    return this.connection.subscribe(subject, queue === undefined ? { callback } : { callback, queue });
  }

  private async followStatus(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.mark(false, status.type);
      if (status.type === 'reconnect') this.mark(true, status.type);
      if (status.type === 'error') this.options.onStatus?.(this.up, `error: ${status.error.message}`);
    }
  }

  private mark(up: boolean, detail: string): void {
    if (this.up && !up) disconnects.inc();
    connected.set(up ? 1 : 0);
    this.up = up;
    this.options.onStatus?.(up, detail);
    for (const listener of this.listeners) listener(up);
  }

  private readonly listeners = new Set<(up: boolean) => void>();

  /** Calls `listener` whenever the connection is lost or restored. @returns a function that removes the listener. */
  onChange(listener: (up: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const jsonOf = (message: Msg): unknown => parseJson(message.string());

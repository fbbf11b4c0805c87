import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type CustomTransportStrategy, MessagePattern, Server } from '@nestjs/microservices';
import {
  type Actor,
  BUS_HEADERS,
  EVERYONE,
  forbidden,
  type InputOf,
  invalidInput,
  type Operation,
  operationSubject,
  ProblemError,
  TRACEPARENT,
} from '@sluice/contracts';
import { contextOf, inSpan, noteFailure } from '@sluice/traces';
import { isObservable, lastValueFrom, type Observable, throwError } from 'rxjs';
import { addressKey, type ProblemCode } from '@sluice/domain';
import { Budgets } from './budgets.js';
import type { Bus } from './bus/bus.js';
import { operationAttributes, type Reply } from './bus/operation-call.js';
import type { Caller, Callers } from './callers.js';

/** How long `close` waits for NATS to confirm that no more requests will arrive, in milliseconds. */
const DRAIN_WITHIN_MS = 2000;

/** What a handler receives: the validated input, the caller, and the ids of the request. */
export interface Call<T extends Operation> {
  readonly input: InputOf<T>;
  /** Undefined only if the operation is open to anybody. */
  readonly actor: Actor | undefined;
  readonly token: string | undefined;
  readonly requestId: string;
  readonly idempotencyKey: string | undefined;
  /** Where the request came from, as the gateway saw it. */
  readonly clientAddress: string | undefined;
}

/** The account that calls. @throws ProblemError if a handler needs one but its operation is open to anybody, which is a programming error */
export function actorOf(call: { actor: Actor | undefined }): Actor {
  if (!call.actor) throw forbidden('this requires a login');
  return call.actor;
}

/** Calls per minute with an invalid token from one address. The limit is generous, because agents keep polling for a while after their login has ended. */
const UNIDENTIFIED = { id: 'a call without a valid login', callers: 'anybody', budget: 6000 } as const;

/** Calls per minute that the API role of an account does not allow. Each is recorded in the database, so one account must not cause too many. */
const DENIED = { id: 'what your API role does not allow', callers: EVERYONE, budget: 120 } as const;

/** Marks a controller's method as the handler of an operation. Its only parameter is a `Call`. */
export const Answers = (operation: Operation): MethodDecorator => MessagePattern(operationSubject(operation), { operation });

/** Keeps Nest from replacing our errors by "Internal server error": the strategy turns them into problems itself. */
@Catch()
export class PassThroughFilter implements RpcExceptionFilter {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}

/** Called with an unexpected error, which the service logs. */
export type OnFault = (fault: { operation: string; requestId: string; error: unknown }) => void;

/**
 * Nest's transport over the bus: every handler marked with `@Answers` is subscribed in the service's queue group. This is the only
 * place that decides who may call an operation; the handler is called only after that.
 */
export class BusStrategy extends Server implements CustomTransportStrategy {
  private readonly subscriptions: Subscription[] = [];
  private readonly budgets = new Budgets();
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly bus: Bus,
    private readonly callers: Callers,
    private readonly onFault: OnFault,
  ) {
    super();
  }

  /** Calls back when the server has all subscriptions, so that requests from then on arrive. */
  listen(callback: (error?: unknown) => void): void {
    for (const [subject, handler] of this.messageHandlers) {
      const operation = handler.extras?.['operation'] as Operation;
      const subscription = this.bus.connection.subscribe(subject, {
        queue: operation.owner,
        callback: (error, message) => {
          if (error) return;
          const reply = this.reply(message, operation, async (call) => {
            const result = await handler(call as never);
            return isObservable(result) ? lastValueFrom(result, { defaultValue: {} }) : result;
          }).catch((fault: unknown) => this.onFault({ operation: operation.id, requestId: 'none', error: fault }));
          this.awaitInClose(reply);
        },
      });
      this.subscriptions.push(subscription);
    }
    void this.bus.connection
      .flush()
      .catch(() => undefined) // the connection was lost; subscriptions are restored with the next one
      .then(() => callback());
  }

  /** Accepts no more requests, and waits until those that had arrived are answered and denied calls are recorded. It does not wait for a NATS server that does not respond. */
  async close(): Promise<void> {
    const drained = Promise.allSettled(this.subscriptions.map((subscription) => subscription.drain()));
    await Promise.race([drained, sleep(DRAIN_WITHIN_MS, undefined, { ref: false })]);
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay); // the record of a denied call may outlast the response to it
  }

  /** Makes `close` wait for a promise that never rejects. */
  private awaitInClose(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  on(): never {
    throw new Error('the bus has no events of its own; use Bus.onChange');
  }

  unwrap<T>(): T {
    return this.bus as T;
  }

  /** Replies, in a span of the caller's trace, which decides whether it is sampled: NATS has authenticated whoever may call. */
  private reply(message: Msg, operation: Operation, handle: (call: Call<Operation>) => Promise<unknown>): Promise<void> {
    const requestId = message.headers?.get(BUS_HEADERS.requestId) || 'none';
    const parent = contextOf(message.headers?.get(TRACEPARENT), 'authenticated');
    const attributes = operationAttributes(operation, requestId);
    return inSpan(operation.id, { kind: 'server', parent, attributes }, async (span) => {
      const reply = await this.replyTo(message, operation, requestId, handle);
      if (!reply.ok) noteFailure(span, reply.problem.code, reply.problem.status >= 500);
      message.respond(this.encode(reply, operation, requestId));
    });
  }

  private async replyTo(
    message: Msg,
    operation: Operation,
    requestId: string,
    handle: (call: Call<Operation>) => Promise<unknown>,
  ): Promise<Reply> {
    try {
      return { ok: true, result: (await this.answer(message, operation, requestId, handle)) ?? {} };
    } catch (error) {
      if (!(error instanceof ProblemError)) this.onFault({ operation: operation.id, requestId, error });
      const { problem } = error instanceof ProblemError ? error : new ProblemError(...unexpected(error));
      return { ok: false, problem: { ...problem, requestId } };
    }
  }

  /** Encodes a reply. If it is larger than the server accepts, a problem replaces it, because publishing it would throw. */
  private encode(reply: Reply, operation: Operation, requestId: string): Uint8Array {
    const bytes = new TextEncoder().encode(JSON.stringify(reply));
    const limit = this.bus.largestMessage;
    if (bytes.length <= limit) return bytes;
    this.onFault({
      operation: operation.id,
      requestId,
      error: new Error(`a response of ${bytes.length} bytes; the limit is ${limit}`),
    });
    const { problem } = new ProblemError(
      413,
      'answer_too_large',
      `the response has ${bytes.length} bytes, more than the limit of ${limit}: request a smaller page with limit`,
    );
    return new TextEncoder().encode(JSON.stringify({ ok: false, problem: { ...problem, requestId } }));
  }

  private async answer(
    message: Msg,
    operation: Operation,
    requestId: string,
    handle: (call: Call<Operation>) => Promise<unknown>,
  ): Promise<unknown> {
    const header = (name: string) => message.headers?.get(name) || undefined;
    const caller: Caller = {
      token: header(BUS_HEADERS.token),
      requestId,
      clientAddress: header(BUS_HEADERS.clientAddress),
    };
    const actor = await this.admit(operation, caller);
    const asked = parse(message);
    const input = operation.input.safeParse(asked);
    if (!input.success) throw invalidInput(input.error, asked);
    const field = unstorable(input.data);
    if (field !== undefined)
      throw new ProblemError(400, 'invalid_input', `${field} contains U+0000 or a lone surrogate`, { field });
    return handle({ ...caller, input: input.data, actor, idempotencyKey: header(BUS_HEADERS.idempotencyKey) });
  }

  /** Identifies the caller, unless anybody may call. @throws ProblemError if they may not call the operation, or not so often */
  private async admit(operation: Operation, caller: Caller): Promise<Actor | undefined> {
    const address = addressKey(caller.clientAddress);
    if (operation.callers === 'anybody') return void this.budgets.spend(operation, address);
    const actor = await this.callers.identify(caller).catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.status === 401) this.budgets.spend(UNIDENTIFIED, address);
      throw error;
    });
    if (!operation.callers.includes(actor.apiRole)) {
      this.budgets.spend(DENIED, actor.accountId);
      const noted = this.callers
        .noteDenied({ actor, operation, caller })
        .catch((error: unknown) => this.onFault({ operation: operation.id, requestId: caller.requestId, error }));
      this.awaitInClose(noted);
      throw forbidden(`this requires the API role ${operation.callers.join(' or ')}; yours is ${actor.apiRole}`);
    }
    this.budgets.spend(operation, actor.accountId);
    return actor;
  }
}

/** The path of the first text that the stores cannot store, because it contains U+0000 or a lone surrogate. */
function unstorable(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return /[\0\p{Cs}]/u.test(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = unstorable(key, path || 'a key') ?? unstorable(item, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Errors of a connection to PostgreSQL that is lost or cannot be made; 25006: the server is a standby, which may soon be the primary; 53300: it has as many as it takes. */
const DATABASE_AWAY = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['25006', '53300', '57P01', '57P02', '57P03', '08003', '08006'],
];

/** What the driver and TypeORM say without a code; the last one of a transaction whose connection was lost between two queries. */
const DATABASE_LOST = /Connection terminated|timeout exceeded when trying to connect|Driver not Connected|already released/i;

/** The problem for an unexpected error. Its own message is only logged, because it may contain internal details. */
function unexpected(error: unknown): [number, ProblemCode, string] {
  const code =
    (error as { code?: unknown; driverError?: { code?: unknown } }).driverError?.code ?? (error as { code?: unknown }).code;
  const message = error instanceof Error ? error.message : '';
  const storeAway = DATABASE_AWAY.includes(String(code)) || DATABASE_LOST.test(message);
  if (/^22/.test(String(code)))
    return [
      400,
      'invalid_value',
      'a value of the request cannot be compared or stored: a modified cursor, or a number or time out of range',
    ];
  return storeAway
    ? [503, 'unavailable', 'the database is unavailable; try again shortly']
    : [500, 'fault', 'an internal error occurred; the log of the service has more under the request id'];
}

function parse(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

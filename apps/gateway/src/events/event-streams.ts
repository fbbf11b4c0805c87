import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  EVENTS_HEARTBEAT_MS,
  GATEWAY_METRICS,
  identifyActor,
  MAX_STREAMS_OF_ACCOUNT,
  OBJECTS_CHANGED,
  ObjectsChanged,
  ProblemError,
  SESSIONS_CHANGED,
  SessionsChanged,
  tooMany,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { gaugeOf } from '@sluice/process';
import { ChangeFold } from './change-fold.js';
import { ChangeRing } from './change-ring.js';
import { EventStream, type StreamOrigin, textOfChanges } from './event-stream.js';

const open = gaugeOf(GATEWAY_METRICS.eventStreams);

/** How often changes are sent, in milliseconds. */
const FOLD_MS = 1000;
/** Streams in all: less than half of the connections that the API has. */
const MAX_STREAMS = 2000;
const LIFETIME_MS = 3600_000;
/** How often a login is checked, and how long a stream stays open while it cannot be checked, in milliseconds. */
const CHECK_EVERY_MS = 12_000;
const UNCHECKED_MS = 300_000;
const RETRY_AFTER_S = 30;

/**
 * Announces changes to browsers. What services announce within a second becomes one message, which is serialized once for all
 * accounts that may see everything. Messages are stored for some minutes, for browsers that reconnect. A browser that may have
 * missed a change is asked to read everything again (`resync`).
 */
@Injectable()
export class EventStreams implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly ring = new ChangeRing(randomBytes(6).toString('hex'));
  private fold = new ChangeFold();
  private readonly streams = new Set<EventStream>();
  private readonly countByAccount = new Map<string, number>();
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;

  constructor(private readonly bus: Bus) {}

  onApplicationBootstrap(): void {
    this.bus.subscribe(SESSIONS_CHANGED, SessionsChanged, (changed) => this.fold.addSessions(changed));
    this.bus.subscribe(OBJECTS_CHANGED, ObjectsChanged, (changed) => this.onObjects(changed));
    this.bus.onChange((up) => this.onBus(up));
    this.timers = [
      setInterval(() => this.send(), FOLD_MS),
      setInterval(() => this.checkStreams(), FOLD_MS),
      setInterval(() => this.beat(), EVENTS_HEARTBEAT_MS),
    ];
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const stream of this.streams) stream.end();
  }

  /** The streams that are open. */
  get all(): readonly EventStream[] {
    return [...this.streams];
  }

  /** @throws ProblemError 429 if an account, or all of them, have too many streams */
  assertRoomFor(accountId: string): void {
    if ((this.countByAccount.get(accountId) ?? 0) >= MAX_STREAMS_OF_ACCOUNT)
      throw tooMany(
        'too_many_streams',
        `this account has ${MAX_STREAMS_OF_ACCOUNT} event streams open at this gateway: close a tab`,
        RETRY_AFTER_S,
      );
    if (this.streams.size >= MAX_STREAMS || this.stopped)
      throw tooMany('too_many_streams', 'this gateway has no room for another event stream', RETRY_AFTER_S);
  }

  /** Begins a stream on a response whose head has been sent. @param after the id of the last message that the browser has seen */
  open(origin: StreamOrigin, response: ServerResponse, after: string | undefined): void {
    const stream = new EventStream(origin, response, () => this.ring.lastId);
    const { accountId } = origin.actor;
    this.streams.add(stream);
    this.countByAccount.set(accountId, (this.countByAccount.get(accountId) ?? 0) + 1);
    open.set(this.streams.size);
    response.once('close', () => {
      this.streams.delete(stream);
      const left = (this.countByAccount.get(accountId) ?? 1) - 1;
      if (left > 0) this.countByAccount.set(accountId, left);
      else this.countByAccount.delete(accountId);
      open.set(this.streams.size);
    });
    stream.begin();
    if (after !== undefined) this.sendMissed(stream, after);
  }

  /** Sends what has changed since the last message that the browser has seen, or asks it to read everything again. */
  private sendMissed(stream: EventStream, after: string): void {
    const missed = this.ring.since(after);
    if (!missed) return stream.sendResync('the changes since the last message are no longer stored here');
    const changes = missed.isEmpty ? undefined : missed.seenBy(stream.watcher, new Date().toISOString());
    if (changes) stream.sendChanges(changes);
  }

  /** Sends what changed since the last time. */
  private send(): void {
    if (this.fold.isEmpty) return;
    const { fold } = this;
    this.fold = new ChangeFold();
    this.ring.push(fold);
    const at = new Date().toISOString();
    let textForAll: string | undefined; // the same for every account that may see everything
    for (const stream of this.streams) {
      if (stream.watcher.seesAll) {
        textForAll ??= textOfChanges(
          this.ring.lastId,
          fold.seenBy(stream.watcher, at) as NonNullable<ReturnType<ChangeFold['seenBy']>>,
        );
        stream.writeText(textForAll);
      } else {
        const own = fold.seenBy(stream.watcher, at);
        if (own) stream.sendChanges(own);
      }
    }
  }

  private onObjects(changed: ObjectsChanged): void {
    this.fold.addObjects(changed);
    const ids = new Set(changed.objects.flatMap((of) => (of.kind === 'login' || of.kind === 'user' ? of.ids : [])));
    if (ids.size === 0) return;
    for (const stream of this.streams) {
      const { accountId, loginId } = stream.origin.actor;
      if (ids.has(accountId) || ids.has(loginId)) void this.check(stream);
    }
  }

  /** What was published while the bus was unavailable is lost. */
  private onBus(up: boolean): void {
    if (!up) return;
    this.ring.reset();
    this.fold = new ChangeFold();
    for (const stream of this.streams) stream.sendResync('the gateway was cut off from the services for a moment');
  }

  private beat(): void {
    for (const stream of this.streams) stream.beat();
  }

  private checkStreams(): void {
    const now = performance.now();
    for (const stream of this.streams) {
      if (stream.isStuck || now - stream.openedAt > LIFETIME_MS) stream.end();
      else if (now - stream.checkedAt > CHECK_EVERY_MS) void this.check(stream);
    }
  }

  /** Ends a stream whose login has ended, or whose account has another API role now. The browser then opens another one. */
  private async check(stream: EventStream): Promise<void> {
    const before = stream.checkedAt;
    stream.checkedAt = performance.now();
    try {
      const { apiRole } = await this.bus.call(identifyActor, {}, stream.origin);
      if (apiRole !== stream.origin.actor.apiRole) stream.end();
    } catch (error) {
      const isOver = error instanceof ProblemError && error.problem.status < 500;
      if (isOver || performance.now() - before > UNCHECKED_MS) stream.end();
    }
  }
}

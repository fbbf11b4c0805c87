import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  certifyHealth,
  HEALTH_METRICS,
  OBJECTS_CHANGED,
  type ObjectsChanged,
  Presence,
  PRESENCE_LIMIT_MS,
  RELAY_PRESENCE,
  type ResourceHealthChanged,
  type ServerCheck,
  type ServerHealth,
  sessionFacts,
  type TlsStart,
} from '@sluice/contracts';
import { checkError, cleanText, type DialResult, forgetNodes, isCheckFailure, isFlapping, noteDial } from '@sluice/domain';
import { ServiceIdentity } from '@sluice/identity';
import { Bus } from '@sluice/messaging';
import { counterOf, errorMessage, gaugeOf, Log, measure } from '@sluice/process';
import { z } from 'zod';
import { Checks } from '../check/checks.js';
import { HealthBook } from '../book/health-book.js';
import { entryAt, type HealthEntry, type HealthValue } from '../book/health-entry.js';
import { HealthFacts } from '../change/health-facts.js';
import { PresentRelays } from '../watched/present-relays.js';
import { WatchedServers } from '../watched/watched-servers.js';

const servers = gaugeOf(HEALTH_METRICS.servers);
const states = gaugeOf(HEALTH_METRICS.state);
const changes = counterOf(HEALTH_METRICS.changes);

/** How often it is determined which checks and other work are due, in milliseconds. */
const TICK_MS = 250;
/** Changes that have been pending for so long are those of a copy that was killed, or of a full stream; milliseconds. */
const ADOPT_AFTER_MS = 10_000;
/** A session that changes nothing is also written, so that people and other copies see the time of the last one, but not more often than this; milliseconds. */
const WRITE_EVERY_MS = 60_000;
/** How many characters of a relay's error message are stored. */
const ERROR_LIMIT = 300;
/** The queue group of all copies of this service: each fact of a session is delivered to one of them. */
const QUEUE_GROUP = 'health';
/** A relay's fact about a failed dial. */
const FailedDial = z.object({ data: z.object({ endReason: z.string(), message: z.string() }) });

/**
 * Watches resources. The dials of real sessions are the best checks, so their results are used; a resource without sessions is
 * checked by relays. Results are in the book, which all copies of this service share, and each change is published as a fact by the
 * copy that has written it. Relay, cluster and resource are taken from the subject, which NATS restricts to their owner, and never
 * from the content of a message.
 */
@Injectable()
export class HealthWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly servers = new WatchedServers();
  private readonly relays = new PresentRelays();
  private readonly facts: HealthFacts;
  private readonly identity: ServiceIdentity;
  private book!: HealthBook;
  private checks!: Checks;
  private timer: NodeJS.Timeout | undefined;
  /** When to look for changes that a killed copy has left pending: when the book has been read, and again for those that were recent then. */
  private adoptAt = [0, Date.now() + ADOPT_AFTER_MS];
  /** Since when every presence has been received, milliseconds since 1970. */
  private listeningSince = Date.now();
  /** Whether the book may have servers, endpoints or nodes that no longer exist. */
  private serversDue = true;
  private nodesDue = true;

  constructor(
    private readonly bus: Bus,
    private readonly log: Log,
  ) {
    const onStored = ({ resourceId, at }: ResourceHealthChanged) => this.clearPending(resourceId, at);
    this.identity = new ServiceIdentity(
      'health',
      (publicKey) => bus.call(certifyHealth, { publicKey }, { requestId: randomUUID() }),
      (error) => log.info({ why: errorMessage(error) }, 'the registry has not certified the key that signs facts; trying again'),
    );
    const send = (subject: string, bytes: Uint8Array) => bus.publishFact(subject, bytes);
    this.facts = new HealthFacts(send, onStored, log, (end) => this.identity.signHead(end));
  }

  async onApplicationBootstrap(): Promise<void> {
    this.identity.start();
    const warn = (why: string): void => this.log.warn(why);
    const { bus, relays } = this;
    const onShown = this.onShown.bind(this);
    this.book = await HealthBook.open(bus, onShown, () => void (this.serversDue = true), warn);
    const onResult = (id: string, nodeId: string, result: DialResult) => this.note(id, nodeId, 'check', result);
    this.checks = new Checks(bus, this.book, this.servers, relays, onResult, this.log);
    bus.onChange((up) => up && void (this.listeningSince = Date.now()));
    bus.subscribe(RELAY_PRESENCE, Presence, (presence, subject) => relays.note(presence, subject, Date.now()));
    bus.subscribeToSubjects(sessionFacts('opened'), (subject) => this.onSession(subject, {}), QUEUE_GROUP);
    const onFailed = ({ data }: z.infer<typeof FailedDial>, subject: string): void => {
      if (isCheckFailure(data.endReason)) this.onSession(subject, { error: checkError(data.endReason, data.message) });
    };
    bus.subscribe(sessionFacts('failed'), FailedDial, onFailed, QUEUE_GROUP);
    this.servers.start(
      bus,
      (id) => this.onServer(id),
      () => void (this.serversDue = true),
      warn,
    );
    measure(HEALTH_METRICS.policyAge, () => this.servers.policyAgeMs / 1000);
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.servers.stop();
    this.book.stop();
    this.identity.stop();
    await this.facts.stop(this.bus.connected);
  }

  /** Checks a server now if its budget allows it. @param tls inspect its TLS too @throws ProblemError 404, 503 */
  checkNow(resourceId: string, tls?: TlsStart): Promise<ServerCheck> {
    return this.checks.checkNow(resourceId, tls);
  }

  /** Drops what is known of a server that was deleted, or of the endpoint that it had. */
  private onServer(id: string): void {
    const server = this.servers.find(id);
    const known = this.book.find(id);
    if (!known || known.entry.endpoint === server?.endpoint) return;
    if (!server) return this.forget(id);
    void this.change(id, (entry) => entry); // the entry of another endpoint is replaced by a new one
  }

  private forget(id: string): void {
    this.facts.forget(id);
    this.book.forget(id).catch((error: unknown) => {
      this.serversDue = true;
      this.log.warn({ err: error }, 'the health of a deleted server could not be removed from the bucket; it will be retried');
    });
  }

  /** Notes the dial of a session. A dial that only confirms a recent result changes nothing. */
  private onSession(subject: string, result: DialResult): void {
    const [, , , , cluster, nodeId, id] = subject.split('.');
    if (cluster === undefined || nodeId === undefined || id === undefined) return;
    const server = this.servers.find(id);
    if (server?.cluster !== cluster) return;
    const { checks } = entryAt(server.endpoint, this.book.find(id));
    const node = checks.nodes[nodeId];
    const isQuiet = Date.now() - (checks.timedFrom ?? 0) >= Math.min(WRITE_EVERY_MS, server.intervalMs / 4);
    const isKnown = node?.state === 'healthy' && node.failuresInARow === 0 && checks.failuresInARow === 0;
    if (result.error !== undefined || isQuiet || !isKnown) void this.note(id, nodeId, 'session', result);
  }

  private note(id: string, nodeId: string, by: 'check' | 'session', { error, roundTripMs }: DialResult): Promise<void> {
    const result = error === undefined ? { roundTripMs } : { error: cleanText(error, ERROR_LIMIT) };
    const jitter = Math.random();
    const name = this.relays.nameOf(nodeId);
    return this.change(id, (entry) => ({
      ...entry,
      checks: noteDial(entry.checks, nodeId, by, result, Date.now(), jitter),
      names: name === undefined ? entry.names : { ...entry.names, [nodeId]: name },
    }));
  }

  /** Changes the entry of a server, unless the server was deleted meanwhile. A change that cannot be written is lost: the next check detects it. */
  private change(id: string, next: (entry: HealthEntry, present: HealthValue | undefined) => HealthEntry): Promise<void> {
    const change = (present: HealthValue | undefined): HealthEntry | undefined => {
      const server = this.servers.find(id);
      const entry = server && next(entryAt(server.endpoint, present), present);
      return entry === present?.entry ? undefined : entry;
    };
    return this.book
      .change(id, change)
      .catch((error: unknown) => this.log.warn({ err: error }, 'the health of a server could not be written'));
  }

  private tick(): void {
    const now = Date.now();
    if (this.relays.dropSilent(now)) this.nodesDue = true;
    if (!this.bus.connected || !this.book.isRead || !this.servers.isRead) return;
    if ((this.adoptAt[0] ?? Infinity) <= now) this.adoptPending(now);
    if (this.serversDue && this.servers.isConfirmed) this.forgetServers();
    if (this.nodesDue && now - this.listeningSince > PRESENCE_LIMIT_MS) this.forgetNodes();
    this.endFlapping(now);
    this.measure();
    this.checks.begin(now);
  }

  private forgetServers(): void {
    this.serversDue = false;
    for (const id of this.book.ids()) {
      if (this.servers.find(id)) this.onServer(id);
      else this.forget(id);
    }
  }

  private forgetNodes(): void {
    this.nodesDue = false;
    const isGone = (nodeId: string): boolean => !this.relays.isPresent(nodeId);
    for (const [id, { entry }] of this.book.values()) {
      if (forgetNodes(entry.checks, isGone) === entry.checks) continue;
      void this.change(id, (present) => {
        const checks = forgetNodes(present.checks, isGone);
        return checks === present.checks ? present : { ...present, checks };
      });
    }
  }

  private endFlapping(now: number): void {
    for (const [id, { shown, entry }] of this.book.values()) {
      if (shown.flapping === undefined || isFlapping(entry.checks.changes, now)) continue;
      void this.change(id, (present, value) => (value?.shown.flapping === undefined ? present : { ...present }));
    }
  }

  private measure(): void {
    const known = [...this.book.values()].map(([, { shown }]) => shown);
    servers.set({ kept: 'policy' }, this.servers.size);
    servers.set({ kept: 'results' }, known.length);
    const healthy = known.filter(({ state }) => state === 'healthy').length;
    states.set({ state: 'healthy' }, healthy);
    states.set({ state: 'unhealthy' }, this.servers.size - healthy);
    states.set({ state: 'flapping' }, known.filter(({ flapping }) => flapping !== undefined).length);
  }

  /** Announces what this copy has written. */
  private onShown(
    resourceId: string,
    before: ServerHealth | undefined,
    after: ServerHealth,
    fact: ResourceHealthChanged | undefined,
  ): void {
    if (fact) this.facts.push(fact);
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    const { state, flapping } = after;
    const turned = state !== (before?.state ?? 'unhealthy');
    const hint: ObjectsChanged = { objects: [{ kind: 'health', ids: [resourceId] }], feed: turned };
    this.bus.publish(OBJECTS_CHANGED, hint);
    if (turned) changes.inc({ to: state });
    if (flapping !== undefined && before?.flapping === undefined) changes.inc({ to: 'flapping' });
    if (flapping === undefined && before?.flapping !== undefined) changes.inc({ to: 'stable' });
  }

  private clearPending(id: string, at: string): void {
    void this.change(id, (entry) => {
      const { pending, ...rest } = entry;
      return pending?.at === at ? rest : entry;
    });
  }

  /** Publishes the pending changes of a copy that was killed before their facts were stored. */
  private adoptPending(now: number): void {
    this.adoptAt.shift();
    const heldBy = this.book.copyId;
    for (const [id, { entry }] of this.book.values()) {
      const { pending } = entry;
      if (!pending || pending.heldBy === heldBy || now - Date.parse(pending.at) < ADOPT_AFTER_MS) continue;
      const isSame = (of: HealthEntry): boolean => of.pending?.heldBy === pending.heldBy && of.pending.at === pending.at;
      void this.change(id, (present) => (isSame(present) ? { ...present, pending: { ...pending, heldBy } } : present)).then(
        () => {
          const { heldBy: holder, ...fact } = this.book.find(id)?.entry.pending ?? { heldBy: undefined };
          if (holder === heldBy && 'state' in fact) this.facts.push(fact);
        },
      );
    }
  }
}

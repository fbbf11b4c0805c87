import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  HEALTH_POLICY_BUCKET,
  notFound,
  OBJECTS_CHANGED,
  type ObjectsChanged,
  Presence,
  PRESENCE_LIMIT_MS,
  presentNode,
  ProbeReply,
  RELAY_PRESENCE,
  relaySubjects,
  type ServerHealth,
  sessionFacts,
} from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { Bus, PolicyReplica } from '@sluice/messaging';
import { Log } from '@sluice/process';
import { Gauge } from 'prom-client';
import { z } from 'zod';
import { HealthConfig } from '../config.js';
import { HealthBoard } from './health-board.js';
import { HealthFacts } from './health-facts.js';
import { ProbeSchedule } from './probe-schedule.js';
import { ShownHealth } from './shown-health.js';

const servers = new Gauge({
  name: 'sluice_health_servers',
  help: 'servers in memory: those in the policy, those with results, and those with a scheduled probe',
  labelNames: ['kept'],
});

const LOOK_EVERY_MS = 250;
/** How many characters of a relay's error message are kept. */
const ERROR_LIMIT = 300;
/** A relay's fact about a failed dial. */
const FailedDial = z.object({ data: z.object({ endReason: z.string(), message: z.string() }) });
/** End reasons that mean that the resource cannot be reached; other failures are caused by the client or the relay. */
const RESOURCE_FAULTS = new Set<string>(['connect refused', 'unreachable', 'dial timeout', 'name not resolved']);

/**
 * Watches resources. The dials of real sessions are the best probes, so their results are used. A resource without sessions is
 * probed by a few relays, with jitter, and less often the longer it fails. Results are written to a bucket, and each change
 * is published as a fact. Relay, cluster and resource are taken from the subject, which NATS restricts to their owner, and
 * never from the content of a message.
 */
@Injectable()
export class HealthWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly board = new HealthBoard();
  private readonly resources = new Map<string, { endpoint: string; cluster: string }>();
  private readonly relays = new Map<string, { cluster: string; seenAt: number }>();
  private readonly schedule: ProbeSchedule;
  private readonly policy = new PolicyReplica(() => performance.now());
  /** When the policy was last read as a whole, on the monotonic clock. */
  private policyReadAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private shown: ShownHealth | undefined;
  /** Whether the bucket may have entries of servers that no longer exist. */
  private othersDue = true;
  private readonly facts: HealthFacts;

  constructor(
    private readonly bus: Bus,
    private readonly log: Log,
    config: HealthConfig,
  ) {
    this.schedule = new ProbeSchedule(config.probeIntervalMs);
    this.facts = new HealthFacts((subject, bytes) => bus.publishFact(subject, bytes), log);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.shown = await ShownHealth.open(this.bus);
    this.policy.onChange((_, key) => this.onPolicy(key));
    this.policy.start(this.bus, HEALTH_POLICY_BUCKET, (why) => this.log.warn(why));
    this.bus.subscribe(RELAY_PRESENCE, Presence, (presence, subject) => this.onPresent(presence, subject));
    this.bus.subscribeToSubjects(sessionFacts('opened'), (subject) => this.onSession(subject, undefined));
    this.bus.subscribe(sessionFacts('failed'), FailedDial, ({ data }, subject) => {
      if (RESOURCE_FAULTS.has(data.endReason)) this.onSession(subject, data.message);
    });
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.policy.stop();
    this.facts.stop();
  }

  /** Checks a resource from every relay now. @throws ProblemError 404 */
  async checkNow(resourceId: string): Promise<ServerHealth> {
    const resource = this.resources.get(resourceId);
    if (!resource) throw notFound('server', resourceId);
    await Promise.all(this.relaysOf(resource.cluster).map((nodeId) => this.probe(resourceId, nodeId)));
    return this.board.show(resourceId);
  }

  /** @param key the changed entry; undefined when the whole policy was read again, so that servers missing from it were deleted meanwhile */
  private onPolicy(key: string | undefined): void {
    if (key !== undefined) {
      const [kind, id] = key.split('.');
      if (kind === 'resource' && id !== undefined) this.follow(id);
      return;
    }
    for (const id of this.resources.keys()) this.follow(id);
    for (const { id } of this.policy.all('resource')) this.follow(id);
    this.policyReadAt = performance.now();
    this.othersDue = true;
  }

  /** Adopts the policy's entry of a server. */
  private follow(id: string): void {
    const now = this.policy.find('resource', id);
    if (!now) return this.resources.has(id) ? this.forget(id) : undefined;
    const resource = { endpoint: `${now.hostname} ${now.port}`, cluster: now.cluster };
    const known = this.resources.get(id);
    if (resource.endpoint === known?.endpoint && resource.cluster === known.cluster) return;
    this.board.forget(id);
    this.schedule.forget(id);
    this.resources.set(id, resource);
    this.show(id);
  }

  /** Drops everything about a server that was deleted. */
  private forget(id: string): void {
    this.board.forget(id);
    this.schedule.forget(id);
    this.resources.delete(id);
    this.facts.forget(id);
    this.shown?.forget(id).catch((error: unknown) => this.onNotForgotten(error));
  }

  /** Removes entries of servers that no longer exist, once a heartbeat has confirmed that the whole policy is in its bucket. */
  private forgetOthers(): void {
    const heartbeatSince = this.policy.ageMs < performance.now() - this.policyReadAt;
    if (!this.othersDue || !heartbeatSince) return;
    this.othersDue = false;
    this.shown?.forgetOthers((id) => this.resources.has(id)).catch((error: unknown) => this.onNotForgotten(error));
  }

  private onNotForgotten(error: unknown): void {
    this.othersDue = true;
    this.policyReadAt = performance.now(); // retries with the next heartbeat
    this.log.warn({ err: error }, 'the health of a deleted server could not be removed from the bucket; it will be retried');
  }

  private onPresent({ name, draining }: Presence, subject: string): void {
    const node = presentNode(subject);
    if (!node || node.cluster === null || draining) return;
    this.relays.set(node.id, { cluster: node.cluster, seenAt: Date.now() });
    this.board.nameNode(node.id, name);
  }

  /** Uses a session like a probe: it reached the resource, or failed with an error. */
  private onSession(subject: string, error: string | undefined): void {
    const [, , , , cluster, nodeId, resourceId] = subject.split('.');
    if (cluster === undefined || nodeId === undefined || resourceId === undefined) return;
    if (this.resources.get(resourceId)?.cluster === cluster) this.note(resourceId, nodeId, error);
  }

  private look(): void {
    this.forgetOthers();
    const now = Date.now();
    servers.set({ kept: 'policy' }, this.resources.size);
    servers.set({ kept: 'results' }, this.board.size);
    servers.set({ kept: 'schedule' }, this.schedule.size);
    for (const [nodeId, relay] of this.relays) {
      if (now - relay.seenAt <= PRESENCE_LIMIT_MS) continue;
      this.relays.delete(nodeId);
      this.schedule.forgetNode(nodeId);
      for (const id of this.board.forgetNode(nodeId)) this.show(id);
    }
    const relays = new Map<string, string[]>();
    for (const [resourceId, { cluster }] of this.resources) {
      const able = relays.get(cluster) ?? this.relaysOf(cluster);
      relays.set(cluster, able);
      for (const nodeId of this.schedule.take(resourceId, able, now)) void this.probe(resourceId, nodeId);
    }
  }

  private relaysOf(cluster: string): string[] {
    return [...this.relays].filter(([, relay]) => relay.cluster === cluster).map(([nodeId]) => nodeId);
  }

  private async probe(resourceId: string, nodeId: string): Promise<void> {
    try {
      const reply = await this.bus.request(relaySubjects(nodeId).probe, { resourceId }, ProbeReply, 'the relay');
      this.note(resourceId, nodeId, reply.reached ? undefined : (reply.error ?? 'not reached'), reply.ms);
    } catch (error) {
      this.log.debug({ err: error, nodeId }, 'a relay did not answer a probe'); // this tells nothing about the resource
    }
  }

  private note(resourceId: string, nodeId: string, error: string | undefined, roundTripMs?: number): void {
    if (!this.resources.has(resourceId)) return;
    const why = error === undefined ? undefined : cleanText(error, ERROR_LIMIT);
    const changed = this.board.note(resourceId, nodeId, why, Date.now(), roundTripMs);
    this.schedule.note(resourceId, nodeId, this.board.of(resourceId, nodeId), Date.now(), Math.random());
    if (!changed) return;
    this.show(resourceId);
    const hint: ObjectsChanged = { objects: [{ kind: 'health', ids: [resourceId] }], feed: changed.turned };
    this.bus.publish(OBJECTS_CHANGED, hint);
    if (!changed.turned) return;
    this.facts.push({ resourceId, state: changed.health.state, why: why ?? null, at: new Date().toISOString() });
  }

  /** Publishes a resource's health. A write that fails is corrected by the next one. */
  private show(resourceId: string): void {
    this.shown
      ?.show(resourceId, this.board.show(resourceId))
      .catch((error: unknown) => this.log.warn({ err: error }, 'the health of a server could not be written'));
  }
}

import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  HEALTH_POLICY_BUCKET,
  notFound,
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
  help: 'servers of which something is in memory: in the policy, with results, with a next probe',
  labelNames: ['kept'],
});

const LOOK_EVERY_MS = 250;
/** Characters of a relay's words that are kept. */
const ERROR_LIMIT = 300;
/** What a relay says of a dial that failed. */
const FailedDial = z.object({ data: z.object({ endReason: z.string(), message: z.string() }) });
/** Failures that say something of the resource; the others are the client's or the relay's own. */
const RESOURCE_FAULTS = new Set<string>(['connect refused', 'unreachable', 'dial timeout', 'name not resolved']);

/**
 * Watches resources. Real sessions are the best probe: their dial results count. A resource that is quiet is probed from a
 * few relays, with jitter and ever more seldom while it fails. What people see goes to a bucket; a change is a fact.
 * Which relay says something, and of which cluster and resource, is what the subject proves, never what the message says.
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
  /** Whether entries may stand in the bucket whose servers are gone. */
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
    this.bus.subscribe(RELAY_PRESENCE, Presence, (said, subject) => this.onPresent(said, subject));
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

  /** @param key what has changed; undefined where all of the policy was read, and what it does not name was deleted while we were away */
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

  /** Takes over what the policy says of a server. */
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

  /** A server is gone, and everything that is known of it. */
  private forget(id: string): void {
    this.board.forget(id);
    this.schedule.forget(id);
    this.resources.delete(id);
    this.facts.forget(id);
    this.shown?.forget(id).catch((error: unknown) => this.onNotForgotten(error));
  }

  /** Removes entries of servers that are gone, once a heartbeat has said that all of the policy stands in its bucket. */
  private forgetOthers(): void {
    const heartbeatSince = this.policy.ageMs < performance.now() - this.policyReadAt;
    if (!this.othersDue || !heartbeatSince) return;
    this.othersDue = false;
    this.shown?.forgetOthers((id) => this.resources.has(id)).catch((error: unknown) => this.onNotForgotten(error));
  }

  private onNotForgotten(error: unknown): void {
    this.othersDue = true;
    this.policyReadAt = performance.now(); // again with the next heartbeat
    this.log.warn({ err: error }, 'the health of a deleted server still stands in the bucket');
  }

  private onPresent({ name, draining }: Presence, subject: string): void {
    const node = presentNode(subject);
    if (!node || node.cluster === null || draining) return;
    this.relays.set(node.id, { cluster: node.cluster, seenAt: Date.now() });
    this.board.nameNode(node.id, name);
  }

  /** A session is as good as a probe: it reached the resource, or says why not. */
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
      this.log.debug({ err: error, nodeId }, 'no answer to a probe'); // says nothing of the resource
    }
  }

  private note(resourceId: string, nodeId: string, error: string | undefined, roundTripMs?: number): void {
    if (!this.resources.has(resourceId)) return;
    const why = error === undefined ? undefined : cleanText(error, ERROR_LIMIT);
    const changed = this.board.note(resourceId, nodeId, why, Date.now(), roundTripMs);
    this.schedule.note(resourceId, nodeId, this.board.of(resourceId, nodeId), Date.now(), Math.random());
    if (!changed) return;
    this.show(resourceId);
    if (!changed.turned) return;
    this.facts.push({ resourceId, state: changed.health.state, why: why ?? null, at: new Date().toISOString() });
  }

  /** Writes what people see. The last write wins, so a lost one is corrected by the next. */
  private show(resourceId: string): void {
    this.shown
      ?.show(resourceId, this.board.show(resourceId))
      .catch((error: unknown) => this.log.warn({ err: error }, 'health could not be shown'));
  }
}

import type { KV } from '@nats-io/kv';
import { Injectable } from '@nestjs/common';
import {
  HEALTH_BUCKET,
  HEALTH_POLICY_BUCKET,
  notFound,
  PolicyValue,
  Presence,
  PRESENCE_LIMIT_MS,
  presentNode,
  ProbeReply,
  RELAY_PRESENCE,
  relaySubjects,
  type ServerHealth,
} from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { Bus, makeBucket, watchBucket } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import { z } from 'zod';
import { HealthConfig } from '../config.js';
import { HealthBoard } from './health-board.js';
import { HealthFacts } from './health-facts.js';
import { ProbeSchedule } from './probe-schedule.js';

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
export class HealthWatch {
  private readonly board = new HealthBoard();
  private readonly resources = new Map<string, { endpoint: string; cluster: string }>();
  private readonly relays = new Map<string, { cluster: string; heardAt: number }>();
  private readonly schedule: ProbeSchedule;
  private readonly stopped = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private bucket: KV | undefined;
  private facts: HealthFacts | undefined;
  private log: Log | undefined;

  constructor(
    private readonly bus: Bus,
    config: HealthConfig,
  ) {
    this.schedule = new ProbeSchedule(config.probeIntervalMs);
  }

  async start(log: Log): Promise<void> {
    this.log = log;
    this.facts = new HealthFacts(this.bus, log);
    this.bucket = await makeBucket(this.bus, HEALTH_BUCKET);
    const listener = { onValue: (key: string, value: unknown) => this.onPolicy(key, value), onComplete: () => undefined };
    void watchBucket(this.bus, HEALTH_POLICY_BUCKET, listener, this.stopped.signal, (why) => log.warn(why));
    this.bus.hear(RELAY_PRESENCE, Presence, (said, subject) => this.onPresent(said, subject));
    this.bus.hearSubjects('audit.v1.session.opened.>', (subject) => this.onSession(subject, undefined));
    this.bus.hear('audit.v1.session.failed.>', FailedDial, ({ data }, subject) => {
      if (RESOURCE_FAULTS.has(data.endReason)) this.onSession(subject, data.message);
    });
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopped.abort();
    this.facts?.stop();
  }

  /** Checks a resource from every relay now. @throws ProblemError 404 */
  async checkNow(resourceId: string): Promise<ServerHealth> {
    const resource = this.resources.get(resourceId);
    if (!resource) throw notFound('server', resourceId);
    await Promise.all(this.relaysOf(resource.cluster).map((nodeId) => this.probe(resourceId, nodeId)));
    return this.board.show(resourceId);
  }

  private onPolicy(key: string, body: unknown): void {
    const value = PolicyValue.safeParse(body);
    const [kind, id] = key.split('.');
    if (!value.success || kind !== 'resource' || id === undefined) return;
    const { entry } = value.data;
    const resource =
      entry?.kind === 'resource'
        ? { endpoint: `${entry.value.hostname} ${entry.value.port}`, cluster: entry.value.cluster }
        : undefined;
    const known = this.resources.get(id);
    if (resource?.endpoint === known?.endpoint && resource?.cluster === known?.cluster) return;
    this.board.forget(id);
    this.schedule.forget(id);
    if (resource) this.resources.set(id, resource);
    else this.resources.delete(id);
    this.show(id);
  }

  private onPresent({ name, draining }: Presence, subject: string): void {
    const node = presentNode(subject);
    if (!node || node.cluster === null || draining) return;
    this.relays.set(node.id, { cluster: node.cluster, heardAt: Date.now() });
    this.board.nameNode(node.id, name);
  }

  /** A session is as good as a probe: it reached the resource, or says why not. */
  private onSession(subject: string, error: string | undefined): void {
    const [, , , , cluster, nodeId, resourceId] = subject.split('.');
    if (cluster === undefined || nodeId === undefined || resourceId === undefined) return;
    if (this.resources.get(resourceId)?.cluster === cluster) this.note(resourceId, nodeId, error);
  }

  private look(): void {
    const now = Date.now();
    for (const [nodeId, relay] of this.relays) {
      if (now - relay.heardAt <= PRESENCE_LIMIT_MS) continue;
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
      this.log?.debug({ err: error, nodeId }, 'no answer to a probe'); // says nothing of the resource
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
    this.facts?.push({ resourceId, state: changed.health.state, why: why ?? null, at: new Date().toISOString() });
  }

  /** Writes what people see. The last write wins, so a lost one is corrected by the next. */
  private show(resourceId: string): void {
    const body = JSON.stringify(this.board.show(resourceId));
    this.bucket
      ?.put(`resource.${resourceId}`, body)
      .catch((error: unknown) => this.log?.warn({ err: error }, 'health could not be shown'));
  }
}

import { randomUUID } from 'node:crypto';
import type { KV } from '@nats-io/kv';
import { Injectable } from '@nestjs/common';
import {
  AttemptEnded,
  type Envelope,
  factType,
  HEALTH_BUCKET,
  HEALTH_POLICY_BUCKET,
  healthFactSubject,
  NodePresent,
  notFound,
  PolicyValue,
  PRESENCE_LIMIT_MS,
  ProbeReply,
  relaySubjects,
  type ResourceHealthChanged,
  type ServerHealth,
} from '@sluice/contracts';
import { nextProbeIn } from '@sluice/domain';
import { Bus, makeBucket, watchBucket } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import { z } from 'zod';
import { HealthConfig } from '../config.js';
import { HealthBoard } from './health-board.js';

const LOOK_EVERY_MS = 250;
const PROBING_NODES = 3;
/** Failures that say something of the resource; the others are the client's or the relay's own. */
const RESOURCE_FAULTS = new Set<string>(['connect refused', 'unreachable', 'dial timeout', 'name not resolved']);

/**
 * Watches resources. Real sessions are the best probe: their dial results count. A resource that is quiet is probed from a
 * few relays, with jitter and ever more seldom while it fails. What people see goes to a bucket; a change is a fact.
 */
@Injectable()
export class HealthWatch {
  private readonly board = new HealthBoard();
  private readonly resources = new Map<string, { endpoint: string; cluster: string }>();
  private readonly relays = new Map<string, { cluster: string; heardAt: number }>();
  private readonly due = new Map<string, number>();
  private readonly stopped = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private bucket: KV | undefined;
  private log: Log | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly config: HealthConfig,
  ) {}

  async start(log: Log): Promise<void> {
    this.log = log;
    this.bucket = await makeBucket(this.bus, HEALTH_BUCKET);
    const listener = { onValue: (key: string, value: unknown) => this.onPolicy(key, value), onComplete: () => undefined };
    void watchBucket(this.bus, HEALTH_POLICY_BUCKET, listener, this.stopped.signal, (why) => log.warn(why));
    this.bus.hear('node.v1.*.present', NodePresent, (told) => this.onPresent(told));
    this.bus.hearSubjects('audit.v1.session.opened.>', (subject) => {
      const [, , , , , nodeId, resourceId] = subject.split('.');
      if (nodeId !== undefined && resourceId !== undefined) this.note(resourceId, nodeId, undefined);
    });
    this.bus.hear('audit.v1.session.failed.>', z.object({ data: AttemptEnded }), ({ data }) => {
      if (RESOURCE_FAULTS.has(data.endReason)) this.note(data.resource.id, data.relay.id, data.message);
    });
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopped.abort();
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
    for (const nodeId of this.relays.keys()) this.due.delete(`${id} ${nodeId}`);
    if (resource) this.resources.set(id, resource);
    else this.resources.delete(id);
    this.show(id);
  }

  private onPresent(told: NodePresent): void {
    if (told.kind !== 'relay' || told.draining || told.cluster === null) return;
    this.relays.set(told.nodeId, { cluster: told.cluster, heardAt: Date.now() });
    this.board.nameNode(told.nodeId, told.name);
  }

  private look(): void {
    const now = Date.now();
    for (const [nodeId, relay] of this.relays) {
      if (now - relay.heardAt <= PRESENCE_LIMIT_MS) continue;
      this.relays.delete(nodeId);
      for (const id of this.board.forgetNode(nodeId)) this.show(id);
    }
    for (const [resourceId, { cluster }] of this.resources) {
      for (const nodeId of this.relaysOf(cluster).slice(0, PROBING_NODES)) {
        const key = `${resourceId} ${nodeId}`;
        if ((this.due.get(key) ?? 0) > now) continue;
        this.due.set(key, now + this.config.probeIntervalMs);
        void this.probe(resourceId, nodeId);
      }
    }
  }

  private relaysOf(cluster: string): string[] {
    return [...this.relays].filter(([, relay]) => relay.cluster === cluster).map(([nodeId]) => nodeId);
  }

  private async probe(resourceId: string, nodeId: string): Promise<void> {
    try {
      const reply = await this.bus.request(relaySubjects(nodeId).probe, { resourceId }, ProbeReply, 'the relay');
      this.note(resourceId, nodeId, reply.reached ? undefined : (reply.error ?? 'not reached'));
    } catch (error) {
      this.log?.debug({ err: error, nodeId }, 'no answer to a probe'); // says nothing of the resource
    }
  }

  private note(resourceId: string, nodeId: string, error: string | undefined): void {
    if (!this.resources.has(resourceId)) return;
    const changed = this.board.note(resourceId, nodeId, error, Date.now());
    this.due.set(
      `${resourceId} ${nodeId}`,
      Date.now() + nextProbeIn(this.board.of(resourceId, nodeId), this.config.probeIntervalMs, Math.random()),
    );
    if (!changed) return;
    this.show(resourceId);
    if (changed.turned) void this.publish(resourceId, changed.health, error ?? null);
  }

  /** Writes what people see. The last write wins, so a lost one is mended by the next. */
  private show(resourceId: string): void {
    const body = JSON.stringify(this.board.show(resourceId));
    this.bucket
      ?.put(`resource.${resourceId}`, body)
      .catch((error: unknown) => this.log?.warn({ err: error }, 'health could not be shown'));
  }

  private async publish(resourceId: string, health: ServerHealth, why: string | null): Promise<void> {
    const subject = healthFactSubject(resourceId);
    const now = new Date().toISOString();
    const data: ResourceHealthChanged = { resourceId, state: health.state, why, at: now };
    const fact: Envelope = {
      specversion: '1.0',
      id: randomUUID(),
      source: 'sluice://health',
      type: factType(subject),
      time: now,
      subject: resourceId,
      datacontenttype: 'application/json',
      data,
    };
    await this.bus
      .publishFact(subject, new TextEncoder().encode(JSON.stringify(fact)))
      .catch((error: unknown) => this.log?.warn({ err: error }, 'a change of health could not be published'));
  }
}

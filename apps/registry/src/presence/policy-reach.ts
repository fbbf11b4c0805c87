import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_CLUSTER, GATEWAY_BUCKET, policyBucket, type Reach } from '@sluice/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Presence } from './presence.js';

/** How long a response waits for the relays, in milliseconds. */
const WAIT_MS = 3000;
const LOOK_EVERY_MS = 15;
/**
 * How long a node that is out of contact may still have sessions, in milliseconds. A relay that receives no policy ends its
 * sessions after 15 minutes. One minute is added, because the database stores its last presence up to a minute late.
 */
const MAY_CARRY_MS = 16 * 60_000;

interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly kind: 'gateway' | 'relay';
  readonly cluster_id: string | null;
  readonly last_seen_at: Date | null;
}

/** A node that a change concerns. */
interface Concerned extends NodeRow {
  /** The revision of the change in the node's bucket. */
  readonly revision: number;
}

/**
 * Finds out which nodes have applied a committed change, so that a removal of access is not confirmed before it is in effect.
 *
 *   committed ──► published in each bucket, with a revision ──► applied by the nodes that read the bucket, as their presence shows
 */
@Injectable()
export class PolicyReach {
  constructor(
    private readonly database: DataSource,
    private readonly presence: Presence,
  ) {}

  /** Waits a moment until all nodes have applied the changes of the given outbox rows, and returns which have. */
  async of(rows: readonly string[]): Promise<Reach> {
    const until = Date.now() + WAIT_MS;
    const revisions = await this.published(rows, until);
    const nodes = await this.concerned(revisions);
    if (revisions) {
      while (Date.now() < until && nodes.some((node) => !this.has(node) && this.presence.isHere(node)))
        await this.presence.nextUpdate(until - Date.now());
    }
    const relays = nodes.filter(({ kind }) => kind === 'relay');
    return {
      published: revisions !== undefined,
      relays: relays.filter((node) => this.has(node)).length,
      of: relays.length,
      missing: nodes
        .filter((node) => !this.has(node))
        .map((node) => ({ name: node.name, kind: node.kind, lastSeenAt: lastSeen(node, this.presence)?.toISOString() ?? null })),
    };
  }

  /** By bucket, the revision with which it has all the rows; undefined if they were not published in time. */
  private async published(rows: readonly string[], until: number): Promise<ReadonlyMap<string, number> | undefined> {
    if (rows.length === 0) return new Map();
    for (;;) {
      const found = await this.database.query<{ revisions: Record<string, number> }[]>(
        'select revisions from outbox where id = any($1) and published_at is not null',
        [rows],
      );
      if (found.length === rows.length) {
        const highest = new Map<string, number>();
        for (const { revisions } of found)
          for (const [bucket, revision] of Object.entries(revisions))
            highest.set(bucket, Math.max(revision, highest.get(bucket) ?? 0));
        return highest;
      }
      if (Date.now() > until) return undefined;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** The nodes that read one of the buckets and may still have sessions. If the revisions are not known, nodes of all buckets. */
  private async concerned(revisions: ReadonlyMap<string, number> | undefined): Promise<Concerned[]> {
    if (revisions?.size === 0) return [];
    const rows = await this.database.query<NodeRow[]>(
      'select id, name, kind, cluster_id, last_seen_at from node where deleted_at is null order by name',
    );
    return rows.flatMap((row) => {
      const revision = revisions === undefined ? Number.POSITIVE_INFINITY : revisions.get(bucketOf(row));
      const seen = lastSeen(row, this.presence);
      const mayCarry = seen !== undefined && Date.now() - seen.getTime() < MAY_CARRY_MS && !this.presence.hasLeft(row);
      return revision === undefined || !mayCarry ? [] : [{ ...row, revision }];
    });
  }

  private has(node: Concerned): boolean {
    return this.presence.appliedBy(node) >= node.revision;
  }
}

const bucketOf = ({ kind, cluster_id }: NodeRow): string =>
  kind === 'gateway' ? GATEWAY_BUCKET : policyBucket(cluster_id ?? DEFAULT_CLUSTER);

function lastSeen(node: NodeRow, presence: Presence): Date | undefined {
  const seenAt = presence.seenAt(node);
  return seenAt === undefined ? (node.last_seen_at ?? undefined) : new Date(seenAt);
}

import { POLICY_KINDS, policyBucket, type PolicyEntry, type PolicyKind } from '@sluice/contracts';
import { type Bus, listBuckets, removeBucket } from '@sluice/messaging';
import type { DataSource, EntityManager } from 'typeorm';
import { bucketViews, policyKey, readClusters, readEntries } from './policy-entries.js';
import { PolicyBucket } from './policy-bucket.js';

const BATCH = 500;
const ALIVE_EVERY_MS = 5000;
/** How long a tombstone stays, in milliseconds: longer than any certificate is valid. */
const GONE_FOR_MS = 2 * 24 * 3600_000;

interface OutboxRow {
  readonly id: string;
  readonly kind: PolicyKind | 'cluster';
  readonly object_id: string;
  readonly changed_at: Date;
  readonly awaited: boolean;
}

interface Publication {
  readonly kind: PolicyKind;
  readonly id: string;
  readonly entry: PolicyEntry | null;
  readonly changedAt: Date;
}

/**
 * Publishes the policy from PostgreSQL to the buckets.
 *
 *   outbox row (kind, id) ──► present state, read in one snapshot ──► bucket, revision + 1 ──► row deleted, or kept for a minute if awaited
 *
 * Only one publisher runs at a time. Entries that remove access are written before those that give it. A heartbeat is
 * written only when the outbox is empty.
 */
export class PolicyPublisher {
  private aliveAt = 0;

  private constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly buckets: Map<string, PolicyBucket>,
    private revision: number,
  ) {}

  /** Opens the buckets and makes them match the database, whatever they contain. */
  static async open(database: DataSource, bus: Bus): Promise<PolicyPublisher> {
    const [stored] = await database.query<{ policy_revision: string }[]>('select policy_revision from organization');
    const publisher = new PolicyPublisher(database, bus, new Map(), Number(stored?.policy_revision ?? 0));
    await publisher.followClusters();
    await publisher.noteRestore();
    await publisher.compareAll();
    return publisher;
  }

  /** Publishes what the outbox names. @returns how many rows were processed; 0 means that the buckets are up to date */
  async drain(): Promise<number> {
    const { rows, publications, clustersChanged } = await this.snapshot(async (tx) => {
      const rows = await tx.query<OutboxRow[]>('select * from outbox where published_at is null order by id limit $1', [BATCH]);
      const found: Publication[] = [];
      for (const kind of POLICY_KINDS) {
        const named = new Map(rows.filter((row) => row.kind === kind).map((row) => [row.object_id, row.changed_at]));
        if (named.size === 0) continue;
        const entries = new Map((await readEntries(kind, tx, [...named.keys()])).map((entry) => [entry.value.id, entry]));
        for (const [id, changedAt] of named) found.push({ kind, id, entry: entries.get(id) ?? null, changedAt });
      }
      const clustersChanged = rows.some((row) => row.kind === 'cluster');
      return { rows, publications: found, clustersChanged };
    });
    await this.publishAll(publications);
    if (clustersChanged) {
      await this.followClusters();
      await this.compareAll();
    }
    if (rows.length > 0) await this.markPublished(rows);
    return rows.length;
  }

  /** Deletes published rows. Rows for which a request waits stay for a minute, with their revision in each bucket. */
  private async markPublished(rows: readonly OutboxRow[]): Promise<void> {
    const awaited = rows.filter((row) => row.awaited);
    if (awaited.length > 0) {
      const revisions = awaited.map(({ kind, object_id }) =>
        JSON.stringify(kind === 'cluster' ? {} : this.revisionsOf(policyKey(kind, object_id))),
      );
      await this.database.query(
        `update outbox set published_at = now(), revisions = done.revisions
           from unnest($1::bigint[], $2::jsonb[]) as done (id, revisions) where outbox.id = done.id`,
        [awaited.map((row) => row.id), revisions],
      );
    }
    await this.database.query(
      `delete from outbox where (id = any($1) and not awaited) or published_at < now() - interval '1 minute'`,
      [rows.map((row) => row.id)],
    );
  }

  private revisionsOf(key: string): Record<string, number> {
    return Object.fromEntries(
      [...this.buckets].flatMap(([name, bucket]) => {
        const revision = bucket.revisionOf(key);
        return revision === undefined ? [] : [[name, revision]];
      }),
    );
  }

  /** Creates missing buckets, and removes those of deleted clusters. */
  private async followClusters(): Promise<void> {
    const wanted = bucketViews(await readClusters(this.database.manager));
    for (const name of await listBuckets(this.bus)) {
      if (wanted.has(name) || !name.startsWith(policyBucket(''))) continue;
      await removeBucket(this.bus, name);
      this.buckets.delete(name);
    }
    for (const [name, view] of wanted) {
      if (!this.buckets.has(name)) this.buckets.set(name, await PolicyBucket.open(this.bus, name, view));
    }
    this.revision = Math.max(this.revision, ...[...this.buckets.values()].map((bucket) => bucket.highestRevision));
  }

  /** Writes the heartbeat, which states that everything is published. Call it only after `drain` found nothing. */
  async beat(): Promise<void> {
    await this.stayAlive(false);
    for (const bucket of this.buckets.values()) await bucket.beat({ revision: this.revision, at: new Date().toISOString() });
  }

  /**
   * Detects that the database was restored from a backup, because the bus has a later heartbeat than the database remembers.
   * The database then does not know which certificates were issued in between, so all of that time are revoked. Known nodes and
   * accounts renew theirs.
   */
  private async noteRestore(): Promise<void> {
    const beats = [...this.buckets.values()].flatMap(({ lastBeat }) => (lastBeat === undefined ? [] : [Date.parse(lastBeat)]));
    const remembered = new Date(Math.max(0, ...beats) - ALIVE_EVERY_MS * 2);
    await this.database.query(
      `insert into restore (id, from_at, until_at)
         select gen_random_uuid(), alive_at, $2 from organization where alive_at < $1`,
      [remembered, new Date()], // by this process's clock, like the heartbeat and the certificates
    );
    await this.stayAlive(true);
  }

  /** Stores the time up to which the database is complete. */
  private async stayAlive(now: boolean): Promise<void> {
    if (!now && performance.now() - this.aliveAt < ALIVE_EVERY_MS) return;
    this.aliveAt = performance.now();
    await this.database.query('update organization set alive_at = $1', [new Date()]);
  }

  /** Compares the whole policy with the buckets, to correct what no outbox row names, such as a restore or an expiry. */
  async compareAll(): Promise<void> {
    const wanted = await this.snapshot(async (tx) => {
      const all = new Map<string, Publication>();
      for (const kind of POLICY_KINDS) {
        for (const entry of await readEntries(kind, tx, null)) {
          all.set(policyKey(kind, entry.value.id), { kind, id: entry.value.id, entry, changedAt: new Date() });
        }
      }
      return all;
    });
    for (const bucket of this.buckets.values()) {
      for (const key of bucket.present) {
        const [kind, id] = key.split('.') as [PolicyKind, string];
        if (!wanted.has(key)) wanted.set(key, { kind, id, entry: null, changedAt: new Date() });
      }
    }
    await this.publishAll([...wanted.values()]);
    const before = new Date(Date.now() - GONE_FOR_MS);
    for (const bucket of this.buckets.values()) await bucket.forgetGone(before);
  }

  /** Publishes entries, and stores the highest revision in the database too, so that revisions keep rising when either side is restored from a backup. */
  private async publishAll(publications: Publication[]): Promise<void> {
    const before = this.revision;
    for (const publication of removalsFirst(publications)) await this.publish(publication);
    if (this.revision > before)
      await this.database.query('update organization set policy_revision = greatest(policy_revision, $1)', [this.revision]);
  }

  private async publish({ kind, id, entry, changedAt }: Publication): Promise<void> {
    const key = policyKey(kind, id);
    for (const bucket of this.buckets.values()) {
      const visible = entry && bucket.view(entry);
      if (bucket.holds(key, visible)) continue;
      this.revision += 1;
      await bucket.put(key, { revision: this.revision, changedAt: changedAt.toISOString(), entry: visible });
    }
  }

  private snapshot<T>(read: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction('REPEATABLE READ', read);
  }
}

/** Sorts what removes access (revocations, deleted objects) before everything else. */
const removalsFirst = (publications: Publication[]): Publication[] =>
  [...publications].sort((a, b) => Number(removesAccess(b)) - Number(removesAccess(a)));
const removesAccess = ({ kind, entry }: Publication): boolean => (kind === 'revoked') === (entry !== null);

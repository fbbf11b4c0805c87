import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RegistryConfig } from '../config.js';
import { Presence } from './presence.js';

/** If no node at all was heard for this long, this process is cut off from the bus, and no silence says that a worker is lost. */
const CUT_OFF_MS = 60_000;

/**
 * Workers, which are the relays that enrolled with a key: which of them are gone, and therefore not listed. Their identity stays
 * valid for longer, so that one that comes back is listed again.
 *
 *   listed ──► said goodbye, or silent for minutes: not listed ──► (a day) deleted, its identity revoked
 *     ▲                        │
 *     └──── presence again ────┘
 */
@Injectable()
export class Workers {
  constructor(
    private readonly presence: Presence,
    private readonly config: RegistryConfig,
  ) {}

  /** Ids of the workers that have stopped, or were not heard of for minutes. */
  async gone(tx: EntityManager): Promise<ReadonlySet<string>> {
    const now = Date.now();
    const { lastSeen } = this.presence;
    const relays = lastSeen.filter(({ kind }) => kind === 'relay');
    const left = relays.filter((node) => this.presence.hasLeft(node)).map(({ id }) => id);
    const here = relays.filter(({ id, at }) => now - at < this.config.lostWorkersMs && !left.includes(id)).map(({ id }) => id);
    const cutOff = !lastSeen.some(({ at }) => now - at < CUT_OFF_MS);
    const rows = await tx.query<{ id: string }[]>(
      `select id from node
        where deleted_at is null and cluster_key_id is not null and id <> all($1::uuid[])
          and (id = any($2::uuid[]) or left_at >= last_seen_at or (greatest(enrolled_at, last_seen_at) < $3 and not $4))`,
      [here, left, new Date(now - this.config.lostWorkersMs), cutOff],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether a relay is online and accepts sessions. */
  isOnline(id: string): boolean {
    return this.presence.of({ id, kind: 'relay' }).state === 'online';
  }
}

import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '@sluice/process';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import { deleteNodeFrom } from './nodes.js';
import { Presence } from '../presence/presence.js';

const LOOK_EVERY_MS = 60_000;
const INSTALLATION = { id: 'installation', email: '' };

/**
 * Deletes workers that stay offline. A relay that enrolled with the key of its cluster is deleted, and its identity revoked,
 * when it has not been seen for a day; it left the list before that (`workers.ts`). When each was last seen, and whether it
 * said goodbye, is stored once a minute, so that it survives a restart.
 */
@Injectable()
export class AbsentWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly presence: Presence,
    private readonly config: RegistryConfig,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const every = Math.min(LOOK_EVERY_MS, this.config.forgetWorkersMs / 2);
    this.timer = setInterval(() => {
      this.look().catch((error: unknown) => this.log.warn({ err: error }, 'absent workers could not be determined'));
    }, every);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const seen = this.presence.lastSeen;
    if (!seen.some(({ at }) => Date.now() - at < LOOK_EVERY_MS)) return; // nobody is present at all: this process is cut off from the bus
    await this.database.query(
      `update node set last_seen_at = seen.at, left_at = case when seen.has_left then seen.at else left_at end
         from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[]) as seen (id, kind, at, has_left)
        where node.id = seen.id and node.kind = seen.kind and (last_seen_at is null or last_seen_at < seen.at)`,
      [
        seen.map(({ id }) => id),
        seen.map(({ kind }) => kind),
        seen.map(({ at }) => new Date(at)),
        seen.map((node) => this.presence.hasLeft(node)),
      ],
    );
    const absent = await this.database.query<{ id: string; version: number }[]>(
      `select id, version from node where deleted_at is null and cluster_key_id is not null
          and greatest(enrolled_at, last_seen_at) < $1`,
      [new Date(Date.now() - this.config.forgetWorkersMs)],
    );
    for (const node of absent) await this.changes.make(INSTALLATION, randomUUID(), (change) => deleteNodeFrom(change, node));
  }
}

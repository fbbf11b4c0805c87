import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { RegistryConfig } from '../config.js';
import { announceObjects } from '../events/announce-objects.js';
import { Presence } from './presence.js';

const LOOK_EVERY_MS = 1000;

/** Checks every second which nodes have appeared, are draining or are gone, and announces them, because no message reports that a node has gone silent. */
@Injectable()
export class NodeStates implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private known = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly presence: Presence,
    private readonly bus: Bus,
    private readonly config: RegistryConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const isLost = ({ at }: { at: number }) => Date.now() - at > this.config.lostWorkersMs;
    const states = this.presence.lastSeen.map((node): [string, string] => {
      const state = isLost(node) ? 'lost' : this.presence.of(node).state; // a worker that is lost is no longer listed
      return [node.id, state];
    });
    const now = new Map(states);
    const changed = [...now].filter(([id, state]) => this.known.get(id) !== state);
    this.known = now;
    announceObjects(
      this.bus,
      changed.map(([id]) => ({ kind: 'node', id })),
    );
  }
}

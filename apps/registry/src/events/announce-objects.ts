import { OBJECTS_CHANGED, type ObjectsChanged } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';

/** Something that was changed, by its kind in activities and its id. */
export interface ChangedObject {
  readonly kind: string;
  readonly id: string;
}

/** Kinds that what users may reach follows from. */
const OF_FEEDS = new Set(['server', 'role', 'user', 'cluster', 'node', 'settings']);

/** Announces to the gateways what was changed, for the browsers that show it. It is a hint, and is not repeated if the bus is unavailable. */
export function announceObjects(bus: Bus, changed: readonly ChangedObject[]): void {
  if (changed.length === 0) return;
  const ids = new Map<string, string[]>();
  for (const { kind, id } of changed) ids.set(kind, [...(ids.get(kind) ?? []), id]);
  const hint: ObjectsChanged = {
    objects: [...ids].map(([kind, of]) => ({ kind, ids: of })),
    feed: changed.some(({ kind }) => OF_FEEDS.has(kind)),
  };
  bus.publish(OBJECTS_CHANGED, hint);
}

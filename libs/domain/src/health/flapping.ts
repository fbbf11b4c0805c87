/** The window in which changes count, in milliseconds. */
const WINDOW_MS = 600_000;
/** This many changes within the window are flapping. */
const CHANGES = 3;

/** Those of these changes that are within the last ten minutes. Times are in milliseconds since 1970. */
export const recentChanges = (changes: readonly number[], now: number): readonly number[] =>
  changes.filter((at) => at > now - WINDOW_MS);

/** Whether a resource that changed at these times is flapping: three changes within ten minutes. */
export const isFlapping = (changes: readonly number[], now: number): boolean => recentChanges(changes, now).length >= CHANGES;

import { useSyncExternalStore } from 'react';
import { exactTime, relativeTime } from './moment.js';

/** One timer for all relative times on the page. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 5000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present time in milliseconds, renewed every five seconds. */
export const useNow = (): number =>
  useSyncExternalStore(subscribe, () => {
    if (Date.now() - now > 5000) now = Date.now(); // the first reader after a pause
    return now;
  });

/** A moment, relative to now; the exact one on hover and for screen readers. */
export function Time({ at, none = '—' }: { readonly at: string | null | undefined; readonly none?: string }) {
  const present = useNow();
  if (at === null || at === undefined) return <span>{none}</span>;
  return (
    <time dateTime={at} className="nowrap" data-tip={exactTime(at)}>
      {relativeTime(at, present)}
    </time>
  );
}

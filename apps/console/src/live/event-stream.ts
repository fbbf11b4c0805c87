import { BackOff } from '@sluice/domain';
import type { QueryClient } from '@tanstack/react-query';
import { readChanges } from './changes.js';
import { Refresher } from './refresher.js';

/** How current the page is: `live`, or since when it has not been (milliseconds since 1970). */
export type LiveState = { readonly live: true } | { readonly live: false; readonly since: number };

/** The server sends something at least every ten seconds; a connection that is silent for longer than this is dead. */
const SILENCE_MS = 25_000;
/** A timer that comes this late has slept with the machine: the connection did too. */
const SLEPT_MS = 5000;
const CHECK_MS = 1000;

/**
 * Follows the event stream of the API and reads again what changed. After an interruption of any kind everything that is shown
 * is read again, so a missed event cannot leave the page out of date.
 */
export class EventStream {
  private source: EventSource | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly backOff = new BackOff(500, 4000);
  private state: LiveState = { live: false, since: Date.now() };
  private readonly listeners = new Set<() => void>();
  private readonly refresher: Refresher;
  private lastReceived = Date.now();
  private lastCheck = Date.now();
  private readonly check: ReturnType<typeof setInterval>;

  constructor(private readonly queries: QueryClient) {
    this.refresher = new Refresher(queries);
    this.connect();
    this.check = setInterval(() => this.notice(), CHECK_MS);
    window.addEventListener('online', this.reconnect);
    window.addEventListener('offline', this.lose);
  }

  /** Ends it: nothing is followed any more. */
  close(): void {
    clearInterval(this.check);
    clearTimeout(this.retry);
    this.source?.close();
    window.removeEventListener('online', this.reconnect);
    window.removeEventListener('offline', this.lose);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly read = (): LiveState => this.state;

  private connect(): void {
    const source = new EventSource('/api/v1/events');
    this.source = source;
    this.lastReceived = Date.now();
    const received = () => {
      this.lastReceived = Date.now();
    };
    source.addEventListener('open', () => {
      received();
      this.backOff.reset();
      const missed = !this.state.live;
      this.show({ live: true });
      if (missed) void this.queries.invalidateQueries();
    });
    source.addEventListener('heartbeat', received);
    source.addEventListener('resync', () => {
      received();
      void this.queries.invalidateQueries();
    });
    source.addEventListener('changes', (event) => {
      received();
      for (const kind of readChanges(event.data)) void this.refresher.refresh(kind);
    });
    source.addEventListener('error', () => {
      if (this.source === source) this.lose();
    });
  }

  /** The browser's own reconnecting gives up at the first refusal, so it is not relied on. */
  private readonly lose = (): void => {
    this.source?.close();
    this.source = undefined;
    if (this.state.live) this.show({ live: false, since: Date.now() });
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), this.backOff.next());
  };

  private readonly reconnect = (): void => {
    clearTimeout(this.retry);
    this.source?.close();
    if (this.state.live) this.show({ live: false, since: Date.now() });
    this.connect();
  };

  private notice(): void {
    const now = Date.now();
    const slept = now - this.lastCheck > SLEPT_MS && document.visibilityState === 'visible';
    this.lastCheck = now;
    if (slept || (this.source !== undefined && now - this.lastReceived > SILENCE_MS)) this.reconnect();
  }

  private show(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

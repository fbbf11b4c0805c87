import { type DrainEnding, stoppedEnding } from './drain-ending.js';

/**
 * One run of a gateway, from its start until it stops. Links that came through it are closed when it stops; those that come through the
 * next run of the same gateway are not.
 */
export class GatewayRun {
  private stopping: { readonly by: number; readonly ending: DrainEnding } | undefined;

  constructor(readonly id: string) {}

  /** The gateway stops: what still runs after `withinMs` is ended. A gateway of an earlier release does not say when, and cuts it itself. */
  stop(now: number, withinMs = Number.POSITIVE_INFINITY): void {
    this.stopping = { by: now + withinMs, ending: stoppedEnding('its gateway', withinMs) };
  }

  get stops(): boolean {
    return this.stopping !== undefined;
  }

  /** Why sessions that came through it must end now; undefined if they need not. */
  ending(now: number): DrainEnding | undefined {
    return this.stopping && now >= this.stopping.by ? this.stopping.ending : undefined;
  }
}

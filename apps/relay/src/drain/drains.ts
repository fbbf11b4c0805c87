import type { PolicyReplica } from '@sluice/messaging';
import { type DrainEnding, drainedEnding, stoppedEnding } from './drain-ending.js';
import type { GatewayRun } from './gateway-run.js';

/**
 * What is being drained: this relay or a gateway that links come through, because an administrator wants it or because the process
 * stops.
 *
 *   in service ◄──► drained by the registry: state in the policy, so that it survives a restart
 *        └──────────────┴──► stopping: a deadline of this process, and no way back
 */
export class Drains {
  private stopping: { readonly by: number; readonly ending: DrainEnding } | undefined;

  constructor(
    private readonly policy: Pick<PolicyReplica, 'find'>,
    private readonly relayId: string,
  ) {}

  /** The process stops: what still runs after `withinMs` is ended. */
  stop(now: number, withinMs: number): void {
    this.stopping = { by: now + withinMs, ending: stoppedEnding('the relay', withinMs) };
  }

  /** Whether this relay accepts no session. */
  get here(): boolean {
    return this.stopping !== undefined || this.policy.find('drain', this.relayId) !== undefined;
  }

  /** Whether links that come through this gateway, or directly if it is null, must be closed once they carry nothing. */
  closesIdle(gateway: GatewayRun | null): boolean {
    return this.here || (gateway !== null && (gateway.stops || this.policy.find('drain', gateway.id) !== undefined));
  }

  /** Why sessions that come through this gateway, or directly, must end now; undefined if they need not. */
  ending(gateway: GatewayRun | null, now: number): DrainEnding | undefined {
    if (this.stopping && now >= this.stopping.by) return this.stopping.ending;
    if (now >= this.deadlineOf(this.relayId)) return drainedEnding('the relay');
    if (gateway === null) return undefined;
    return now >= this.deadlineOf(gateway.id) ? drainedEnding('its gateway') : gateway.ending(now);
  }

  private deadlineOf(nodeId: string): number {
    const deadline = this.policy.find('drain', nodeId)?.deadline ?? null;
    return deadline === null ? Number.POSITIVE_INFINITY : Date.parse(deadline);
  }
}

import type { PolicyReplica } from '@sluice/messaging';
import { type DrainEnding, GATEWAY_DRAINED, RELAY_DRAINED } from './drain-ending.js';
import type { GatewayRun } from './gateway-run.js';

/**
 * What is being drained: this relay or a gateway that links come through, because an administrator wants it or because the process
 * stops.
 *
 *   in service ◄──► drained by the registry: state in the policy, so that it survives a restart
 *        └──────────────┴──► stopping: a deadline of this process, and no way back
 */
export class Drains {
  private stopBy: number | undefined;

  constructor(
    private readonly policy: Pick<PolicyReplica, 'find'>,
    private readonly relayId: string,
  ) {}

  /** The process stops: what still runs at this time, milliseconds since 1970, is ended. */
  stop(by: number): void {
    this.stopBy = by;
  }

  /** Whether this relay accepts no session. */
  get here(): boolean {
    return this.stopBy !== undefined || this.policy.find('drain', this.relayId) !== undefined;
  }

  /** Whether links that come through this gateway, or directly if it is null, must be closed once they carry nothing. */
  closesIdle(gateway: GatewayRun | null): boolean {
    return this.here || (gateway !== null && (gateway.stops || this.policy.find('drain', gateway.id) !== undefined));
  }

  /** Why sessions that come through this gateway, or directly, must end now; undefined if they need not. */
  ending(gateway: GatewayRun | null, now: number): DrainEnding | undefined {
    if (now >= (this.stopBy ?? Number.POSITIVE_INFINITY) || now >= this.deadlineOf(this.relayId)) return RELAY_DRAINED;
    if (gateway === null) return undefined;
    return now >= this.deadlineOf(gateway.id) ? GATEWAY_DRAINED : gateway.ending(now);
  }

  private deadlineOf(nodeId: string): number {
    const deadline = this.policy.find('drain', nodeId)?.deadline ?? null;
    return deadline === null ? Number.POSITIVE_INFINITY : Date.parse(deadline);
  }
}

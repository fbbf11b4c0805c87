import type { PolicyReplica } from '@sluice/messaging';

/** Why a session ends at the deadline of a drain. */
export interface DrainEnding {
  readonly reason: 'drained';
  readonly message: string;
}

const RELAY_DRAINED: DrainEnding = {
  reason: 'drained',
  message: 'the relay was drained, and the session was still running at the deadline',
};
/** Of a session that still runs at the deadline of its gateway. */
export const GATEWAY_DRAINED: DrainEnding = {
  reason: 'drained',
  message: 'its gateway was drained, and the session was still running at the deadline',
};

/**
 * What is being drained: this relay, because an administrator wants it or because the process stops, and gateways that links come
 * through.
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
  closesIdle(gatewayId: string | null): boolean {
    return this.here || (gatewayId !== null && this.policy.find('drain', gatewayId) !== undefined);
  }

  /** Why sessions that come through this gateway, or directly, must end now; undefined if they need not. */
  ending(gatewayId: string | null, now: number): DrainEnding | undefined {
    if (now >= (this.stopBy ?? Number.POSITIVE_INFINITY) || now >= this.deadlineOf(this.relayId)) return RELAY_DRAINED;
    return gatewayId !== null && now >= this.deadlineOf(gatewayId) ? GATEWAY_DRAINED : undefined;
  }

  private deadlineOf(nodeId: string): number {
    const deadline = this.policy.find('drain', nodeId)?.deadline ?? null;
    return deadline === null ? Number.POSITIVE_INFINITY : Date.parse(deadline);
  }
}

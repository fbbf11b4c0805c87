import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { GATEWAY_BUCKET, GATEWAY_METRICS, gatewayPresence, type Presence, PRESENCE_INTERVAL_MS } from '@sluice/contracts';
import { RELEASE } from '@sluice/domain';
import { Bus, PolicyReplica } from '@sluice/messaging';
import { Log, measure, type Readiness } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import { GatewayConfig } from '../config.js';
import { GatewayIdentity } from '../node/gateway-identity.js';
import { TunnelPort } from './tunnel-port.js';

/** Changes of the policy that arrive within this time are reported together, in milliseconds. */
const REPORT_WITHIN_MS = 10;

/**
 * Starts and stops the tunnel port. It follows the policy, listens, registers with the registry, and publishes its presence,
 * through which agents and relays learn of it. The port itself is plain TypeScript, because the data path needs no framework.
 *
 *   listen ──► register, until the registry answers ──► present ──► (the API has stopped) ──► drain ──► left
 *                                                         │  ▲
 *                                                         ▼  │  as the policy has it
 *                                                       draining
 */
@Injectable()
export class GatewayTunnel implements OnApplicationBootstrap, OnApplicationShutdown, ReportsReadiness {
  private readonly policy = new PolicyReplica(() => performance.now());
  private readonly port: TunnelPort;
  private readonly hurried = new AbortController();
  private registered: GatewayIdentity | undefined;
  private address = '';
  private presenceTimer: NodeJS.Timeout | undefined;
  private reportTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: GatewayConfig,
    private readonly bus: Bus,
    private readonly log: Log,
  ) {
    this.port = new TunnelPort(config, () => this.identity, this.policy, log);
  }

  /** What is announced to the parent process. */
  get announcement(): { tunnelPort: number; nodeId: string } {
    return { tunnelPort: this.port.port, nodeId: this.identity.nodeId };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { advertised, tunnel, name, relayAddress } = this.config;
    this.policy.start(this.bus, GATEWAY_BUCKET, (why) => this.log.warn(why));
    this.measure();
    await this.port.listen(tunnel);
    this.address = advertised ?? `${tunnel.host}:${this.port.port}`;
    this.registered = await GatewayIdentity.register(this.bus, { name, address: this.address, relayAddress }, this.log);
    this.policy.onChange(() => this.onPolicy());
    this.registered.afterRenewal(() => this.report());
    this.report();
    this.presenceTimer = setInterval(() => {
      this.port.cutOverdue();
      this.report();
    }, PRESENCE_INTERVAL_MS);
  }

  readiness(): Readiness {
    return {
      problems: [
        ...(this.port.listening ? [] : ['the tunnel port is closed']),
        ...(this.identity.valid ? [] : ['the gateway certificate has expired']),
      ],
      degraded: this.troubles(),
    };
  }

  /** Ends at once the links that a stop in progress still waits for. */
  hurry(): void {
    this.hurried.abort();
  }

  /** Runs after the API has stopped, so that nobody is directed to this gateway any more. */
  async onApplicationShutdown(): Promise<void> {
    const drained = this.port.drain(this.config.drainMs, this.hurried.signal);
    if (this.registered) this.report();
    await drained;
    clearInterval(this.presenceTimer);
    this.policy.stop();
    clearTimeout(this.reportTimer);
    if (!this.registered) return;
    this.report({ left: true });
    this.registered.stop();
  }

  private get identity(): GatewayIdentity {
    if (!this.registered) throw new Error('this gateway is not registered yet');
    return this.registered;
  }

  private troubles(): string[] {
    if (this.port.relayCount === 0) return ['no relay is connected'];
    return this.port.servingCount === 0 ? ['every connected relay is being drained: no session can be opened'] : [];
  }

  private measure(): void {
    measure(GATEWAY_METRICS.relays, () => this.port.relayCount);
    measure(GATEWAY_METRICS.offers, () => this.port.offerCount);
    measure(GATEWAY_METRICS.linksLimit, () => this.config.maxLinks);
    measure(GATEWAY_METRICS.draining, () => (this.registered !== undefined && this.port.draining ? 1 : 0));
    measure(GATEWAY_METRICS.policyAge, () => this.policy.ageMs / 1000);
  }

  private onPolicy(): void {
    if (this.policy.revokedIssue(this.identity.own.issuedAt)) this.identity.renewSoon();
    this.identity.followAuthorities(this.policy.authorities);
    this.reportTimer ??= setTimeout(() => {
      this.reportTimer = undefined;
      this.report();
    }, REPORT_WITHIN_MS);
  }

  private report(last: { left?: true } = {}): void {
    const { name } = this.config;
    const { applied } = this.policy;
    const presence: Presence = {
      name,
      address: this.address,
      sessions: this.port.linkCount,
      draining: this.port.draining,
      applied,
      release: RELEASE,
      authorities: this.identity.own.authority.fingerprints,
      ...last,
    };
    this.bus.publish(gatewayPresence(this.identity.nodeId), presence);
  }
}

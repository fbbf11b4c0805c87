import {
  EndSession,
  type Presence,
  PRESENCE_INTERVAL_MS,
  policyBucket,
  Probe,
  relayPresence,
  RELAY_METRICS,
  relaySubjects,
} from '@sluice/contracts';
import { RELEASE } from '@sluice/domain';
import { Bus, PolicyReplica } from '@sluice/messaging';
import { counterOf, type Log, type Readiness } from '@sluice/process';
import path from 'node:path';
import { BusThroughGateway } from './bus/bus-through-gateway.js';
import type { RelayConfig } from './config.js';
import { Drains } from './drain/drains.js';
import { FactPublisher } from './journal/fact-publisher.js';
import { HeadSigner } from './journal/head-signer.js';
import { Journal } from './journal/journal.js';
import { DirectPort } from './link/direct-port.js';
import { Links } from './link/links.js';
import { maySign } from './node/may-sign.js';
import type { NodeIdentity } from './node/node-identity.js';
import { peerVerifier } from './node/verify-peer.js';
import { Offers } from './offer/offers.js';
import { gatewaysOf } from './policy/read-policy.js';
import { probeResource } from './probe/probe-resource.js';
import { SessionBook } from './fact/session-book.js';
import { measureRelay } from './relay-metrics.js';
import { Rate } from './session/rate.js';
import { Sessions } from './session/sessions.js';

/** Exit status of a relay whose journal has failed. */
const JOURNAL_FAILED_STATUS = 74;
/** Exit status of a relay that was deleted, or has a certificate of a retired authority: starting it again would change nothing. */
const DELETED_STATUS = 77;
/** Time limit for such a relay to publish the facts in its journal. Facts that are left after it stay unpublished. */
const LEAVE_WITHIN_MS = 20_000;
/** Time limit for publishing the facts in the journal when the relay stops. */
const PUBLISH_WITHIN_MS = 5000;
/** Policy changes that arrive within this many milliseconds are reported together. */
const REPORT_WITHIN_MS = 10;
/** How long the process continues after the journal has failed, so that agents receive the reason why their sessions ended. */
const EXIT_GRACE_MS = 1000;

const checks = counterOf(RELAY_METRICS.checks);

/** A running relay: its policy replica, journal and sessions, and the sources of links: offers at gateways, and a listener if one is configured. */
export class Relay {
  private presence: NodeJS.Timeout | undefined;
  private stopped: Promise<void> | undefined;
  private reporting: NodeJS.Timeout | undefined;
  private readonly rate = new Rate(performance.now());
  private bytesPerSecond = 0;
  private wasDraining = false;

  private constructor(
    private readonly identity: NodeIdentity,
    private readonly config: RelayConfig,
    private readonly bus: Bus,
    private readonly throughGateway: BusThroughGateway,
    private readonly policy: PolicyReplica,
    private readonly journal: Journal,
    private readonly book: SessionBook,
    private readonly drains: Drains,
    private readonly sessions: Sessions,
    private readonly heads: HeadSigner,
    private readonly log: Log,
  ) {
    const verify = peerVerifier(identity, policy);
    this.links = new Links(identity, config.maxLinks, policy, verify, sessions, log);
    this.direct = new DirectPort(identity, config, policy, verify, this.links, drains, log);
    this.offers = new Offers({
      credentials: () => identity.own,
      verifyGateway: (certificate) => verify(certificate, 'gateway'),
      load: () => ({ sessions: sessions.count, draining: drains.here }),
      hasRoom: () => this.links.hasRoom,
      onPaired: (socket, header, gateway) => void this.links.acceptPaired(socket, header, gateway),
      onLeaving: () => sessions.followDrains(),
      onTrouble: (why) => log.warn(why),
    });
  }

  private readonly links: Links;
  private readonly direct: DirectPort;
  private readonly offers: Offers;

  /** Starts an enrolled relay: first the journal, then the policy, then the offers. */
  static async start(identity: NodeIdentity, config: RelayConfig, log: Log): Promise<Relay> {
    const { nodeId: id, cluster, nats } = identity.credentials;
    identity.onLost((why) => {
      log.fatal(`${why}: this relay publishes the facts in its journal and exits; to use it again, enrol it with an empty home`);
      setTimeout(() => process.exit(DELETED_STATUS), LEAVE_WITHIN_MS); // even if the bus no longer accepts this relay
    });
    const throughGateway = await BusThroughGateway.open(identity, log);
    const bus = await Bus.connect({
      servers: [...nats.servers, throughGateway.address],
      user: id,
      jwt: () => identity.credentials.nats.jwt,
      seed: identity.natsSeed,
      ca: nats.ca,
      onStatus: (up, detail) => log.warn({ up, detail }, 'bus'),
    });
    const policy = new PolicyReplica(() => performance.now());
    const journal = await Journal.open(path.join(config.home, 'journal'), id);
    const publisher = new FactPublisher(bus, journal, id, log);
    const self = {
      id,
      cluster,
      /** It may be renamed, which a renewal reports. */
      get name() {
        return identity.credentials.name;
      },
    };
    const book = new SessionBook(journal, publisher, bus, config, self, log);
    await book.begin();
    const drains = new Drains(policy, id);
    const sessions = new Sessions(self, policy, drains, book, config, log);
    const heads = new HeadSigner(
      journal,
      self,
      () => (maySign(policy, identity.own.authority.fingerprints[0] as string) ? identity.own : undefined),
      () => book.room === 'yes',
    );
    const relay = new Relay(identity, config, bus, throughGateway, policy, journal, book, drains, sessions, heads, log);
    measureRelay({ config, policy, journal, publisher, sessions, offers: relay.offers, drains });
    journal.onFailed((error) => relay.giveUp(error));
    await relay.direct.listen();
    relay.listen();
    identity.onLost((why) => void relay.leave(why));
    identity.afterRenewal(() => relay.publishPresence());
    return relay;
  }

  /** Ready with a recent policy, a working journal and at least one gateway. Without NATS it is degraded, because sessions continue. */
  ready(): Readiness {
    const problems: string[] = [];
    if (this.policy.ageMs > this.config.staleNewMs) problems.push('no policy was received, or it is too old');
    if (this.journal.failed) problems.push(`the journal has failed: ${this.journal.failed.message}`);
    if (this.offers.connected === 0) problems.push('this relay is not connected to any gateway');
    return { problems, degraded: this.bus.connected ? [] : ['NATS is not connected'] };
  }

  /** Drains, then stops. */
  stop(): Promise<void> {
    return (this.stopped ??= this.end(PUBLISH_WITHIN_MS));
  }

  /** Ends the sessions that a drain is still waiting for. */
  hurry(): void {
    this.sessions.endAll({ reason: 'drained', message: 'the relay was stopped without waiting for its sessions' });
  }

  /** Stops because this relay was deleted, or the authority of its certificate was retired: its sessions end, and the facts in its journal are published while the bus still accepts it. */
  private async leave(message: string): Promise<void> {
    this.sessions.endAll({ reason: 'drained', message });
    await (this.stopped ??= this.end(LEAVE_WITHIN_MS));
    process.exit(DELETED_STATUS);
  }

  private async end(publishWithinMs: number): Promise<void> {
    const drained = this.sessions.drain(this.config.drainMs);
    this.followDrain();
    this.publishPresence();
    await drained;
    this.offers.stop();
    this.direct.stop();
    this.links.stop();
    clearInterval(this.presence);
    clearTimeout(this.reporting);
    this.policy.stop();
    this.identity.stop();
    this.book.stopCounting();
    this.heads.stop();
    await this.book.end(publishWithinMs);
    this.publishPresence(true);
    await this.bus.close();
    this.throughGateway.close();
  }

  /**
   * Handles a failed journal: all sessions end, because they could not be recorded any more, and the process exits. When its
   * supervisor starts it again, the replay closes the open sessions with their last durable checkpoint.
   */
  private giveUp(error: Error): void {
    this.log.fatal({ err: error }, 'the journal has failed: all sessions end, and this relay exits so that it can be restarted');
    this.sessions.endAll({ reason: 'journal failed', message: 'the relay can no longer record sessions' });
    setTimeout(() => process.exit(JOURNAL_FAILED_STATUS), EXIT_GRACE_MS);
  }

  private listen(): void {
    const { nodeId, cluster } = this.identity.credentials;
    const subjects = relaySubjects(nodeId);
    this.identity.doubtGateways(() => this.isKnown());
    this.policy.onChange(() => this.policy.revoked('node', nodeId) && this.identity.markDeleted());
    this.policy.onChange(() => this.policy.revokedIssue(this.identity.own.issuedAt) && void this.identity.renewNow());
    this.policy.onChange(() => this.identity.followAuthorities(this.policy.authorities));
    this.policy.onChange(() => this.followDrain());
    this.policy.onChange((_, key) => key === undefined && this.heads.sign()); // what was not signed before the policy was known
    this.policy.onChange(() => this.policy.usable && this.offers.follow(gatewaysOf(this.policy))); // no agent is paired before the relay can decide access
    this.policy.onChange(() => this.publishApplied()); // registered after `Sessions`, which by then has ended the sessions that are no longer allowed
    this.policy.start(this.bus, policyBucket(cluster), (why) => this.log.warn(why));
    this.bus.respond(subjects.endSession, EndSession, async ({ sessionId, by, why }) => {
      const message = why === null ? `ended by ${by.email}` : `ended by ${by.email}: ${why}`;
      return { found: this.sessions.end(sessionId, { reason: 'operator ended', message, by: { ...by, why } }) };
    });
    this.bus.respond(subjects.probe, Probe, async ({ resourceId, tls }) => {
      const reply = await probeResource(this.policy, this.config.egress, resourceId, tls);
      checks.inc({ result: reply.reached ? 'reached' : 'failed' });
      return reply;
    });
    this.presence = setInterval(() => {
      this.bytesPerSecond = this.rate.look(this.sessions.bytes.up + this.sessions.bytes.down, performance.now());
      this.publishPresence();
    }, PRESENCE_INTERVAL_MS);
    this.publishPresence();
  }

  /** Whether a policy that sessions may still rely on names this relay as one that is accepted; undefined before there is a policy. */
  private isKnown(): boolean | undefined {
    const { policy, identity, config } = this;
    if (!policy.usable) return undefined;
    const [signer] = identity.own.authority.fingerprints as [string];
    const isRevoked = policy.revoked('node', identity.credentials.nodeId) || policy.revokedIssue(identity.own.issuedAt);
    return policy.ageMs < config.staleLiveMs && !isRevoked && policy.accepts(signer);
  }

  /** Withdraws the offers when a drain begins, and makes them again when it ends. */
  private followDrain(): void {
    if (this.wasDraining === this.drains.here) return;
    this.wasDraining = this.drains.here;
    this.log.info({ draining: this.wasDraining, sessions: this.sessions.count }, 'drain');
    this.offers.followDrain();
  }

  private publishApplied(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = undefined;
      this.publishPresence();
    }, REPORT_WITHIN_MS);
  }

  private publishPresence(left = false): void {
    const { nodeId, name, cluster } = this.identity.credentials;
    const presence: Presence = {
      name,
      sessions: this.sessions.count,
      draining: this.drains.here,
      address: this.policy.usable ? this.direct.address : null,
      applied: this.policy.applied,
      journal: { facts: this.journal.backlog, bytes: this.journal.backlogBytes },
      bytesPerSecond: this.bytesPerSecond,
      release: RELEASE,
      authorities: this.identity.own.authority.fingerprints,
      ...(left ? { left } : {}),
    };
    this.bus.publish(relayPresence(cluster, nodeId), presence);
  }
}

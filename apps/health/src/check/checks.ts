import {
  HEALTH_METRICS,
  notFound,
  ProbeReply,
  relaySubjects,
  type ServerCheck,
  type TlsSeen,
  type TlsStart,
  unavailable,
} from '@sluice/contracts';
import { askFor, checkAllowedAt, checkDueAt, type DialResult, relayToAsk } from '@sluice/domain';
import type { Bus } from '@sluice/messaging';
import { counterOf, type Log } from '@sluice/process';
import type { HealthBook } from '../book/health-book.js';
import { entryAt, type HealthEntry, showHealth } from '../book/health-entry.js';
import type { PresentRelays } from '../watched/present-relays.js';
import type { WatchedServer, WatchedServers } from '../watched/watched-servers.js';

const results = counterOf(HEALTH_METRICS.checks);

/** At most this many checks of one copy are under way at a relay: one that does not respond holds up no other. */
const AT_ONCE = 50;

/** Takes the result of a check. */
type OnResult = (resourceId: string, nodeId: string, result: DialResult) => Promise<void>;
/** A check that a relay has made, and what it saw of the server's TLS if that was asked. */
interface MadeCheck {
  readonly relayId: string;
  readonly tls: TlsSeen | undefined;
}
/** Whether a check is wanted, by what is known of the server. */
type IsWanted = (entry: HealthEntry, now: number) => boolean;

/**
 * Has relays check servers: those without sessions when they are due, and any server when an administrator asks. Each check takes
 * the connection that the server's budget allows by a write to the book, so of two copies only one makes it. When a copy is killed
 * between that write and the result, the check is made again once the relay's time to respond is over.
 */
export class Checks {
  /** Checks of servers that were due, which this copy is making. */
  private readonly running = new Map<string, Promise<unknown>>();
  /** How many of them are at each relay. */
  private readonly atRelay = new Map<string, number>();

  constructor(
    private readonly bus: Bus,
    private readonly book: HealthBook,
    private readonly servers: WatchedServers,
    private readonly relays: PresentRelays,
    private readonly onResult: OnResult,
    private readonly log: Log,
  ) {}

  /** Begins the checks that are due and allowed. */
  begin(now: number): void {
    const relays = this.relays.byCluster();
    for (const [id, server] of this.servers.all()) {
      if (server.check === 'off' || this.running.has(id)) continue;
      const { checks } = entryAt(server.endpoint, this.book.find(id));
      if (checkDueAt(checks, server.intervalMs) > now || checkAllowedAt(checks, server.budgetMs) > now) continue;
      const relayId = relayToAsk(checks, id, relays.get(server.cluster) ?? []);
      if (relayId === undefined || (this.atRelay.get(relayId) ?? 0) >= AT_ONCE) continue;
      this.running.set(id, this.checkDue(id, server, relayId));
    }
  }

  /**
   * Checks a server now, by one relay, if the budget allows it; if not, responds with what is known.
   * @param tls have the relay look at its TLS too
   * @throws ProblemError 404, 503
   */
  async checkNow(resourceId: string, tls?: TlsStart): Promise<ServerCheck> {
    const server = this.servers.find(resourceId);
    if (!server) throw notFound('server', resourceId);
    await this.running.get(resourceId); // its result is newer than what is known
    const made = await this.check(resourceId, server, () => true, tls).catch((cause: unknown) => {
      throw Object.assign(unavailable('the health of servers cannot be written now'), { cause });
    });
    const entry = entryAt(server.endpoint, this.book.find(resourceId));
    const allowedAt = Math.max(Date.now(), checkAllowedAt(entry.checks, server.budgetMs));
    return {
      ...showHealth(entry, Date.now()),
      ...(made?.tls ? { tls: made.tls } : {}),
      checkedBy: made === undefined ? null : (entry.names[made.relayId] ?? made.relayId),
      nextCheckAllowedAt: new Date(allowedAt).toISOString(),
    };
  }

  /** @param expected the relay that will probably make the check; another copy may be faster */
  private async checkDue(id: string, server: WatchedServer, expected: string): Promise<void> {
    this.atRelay.set(expected, (this.atRelay.get(expected) ?? 0) + 1);
    try {
      await this.check(id, server, ({ checks }, now) => checkDueAt(checks, server.intervalMs) <= now);
    } catch (error) {
      this.log.warn({ err: error }, 'the health of a server could not be written; it will be retried');
    } finally {
      const left = (this.atRelay.get(expected) ?? 1) - 1;
      if (left > 0) this.atRelay.set(expected, left);
      else this.atRelay.delete(expected);
      this.running.delete(id);
    }
  }

  /** @returns the check that a relay has made; undefined if none has */
  private async check(id: string, server: WatchedServer, isWanted: IsWanted, tls?: TlsStart): Promise<MadeCheck | undefined> {
    const relayId = await this.takeConnection(id, server, isWanted);
    return relayId === undefined ? undefined : this.probe(id, server, relayId, tls);
  }

  /** Takes the connection that the budget allows. @returns the relay that is to make it; undefined if none is allowed or wanted */
  private async takeConnection(id: string, server: WatchedServer, isWanted: IsWanted): Promise<string | undefined> {
    let taken: string | undefined;
    await this.book.change(id, (present) => {
      taken = undefined;
      const now = Date.now();
      const entry = entryAt(server.endpoint, present);
      const relayId = relayToAsk(entry.checks, id, this.relays.byCluster().get(server.cluster) ?? []);
      const isCurrent = this.servers.find(id)?.endpoint === server.endpoint;
      if (relayId === undefined || !isCurrent || !isWanted(entry, now)) return undefined;
      const checks = askFor(entry.checks, relayId, server.budgetMs, now);
      if (checks) taken = relayId;
      return checks && { ...entry, checks, names: { ...entry.names, [relayId]: this.relays.nameOf(relayId) ?? relayId } };
    });
    return taken;
  }

  private async probe(id: string, server: WatchedServer, relayId: string, tls?: TlsStart): Promise<MadeCheck | undefined> {
    try {
      const request = { resourceId: id, ...(tls === undefined ? {} : { tls }) };
      const reply = await this.bus.request(relaySubjects(relayId).probe, request, ProbeReply, 'the relay');
      const { reached, error, ms } = reply;
      results.inc({ result: reached ? 'reached' : 'failed' });
      // a TLS check of a server that should greet does not show whether it does
      if (tls === undefined || !reached || server.check !== 'greeting')
        await this.onResult(id, relayId, reached ? { roundTripMs: ms } : { error: error ?? 'not reached' });
      return { relayId, tls: reply.tls };
    } catch (error) {
      results.inc({ result: 'unanswered' });
      this.log.debug({ err: error, relayId }, 'a relay did not answer a check'); // this says nothing about the server
      return undefined;
    }
  }
}

import { HEAD_INTERVAL_MS, MAX_UNSIGNED_FACTS, QUIET_HEAD_INTERVAL_MS, relayHeadSubject } from '@sluice/contracts';
import { type OwnIdentity, signHead } from '@sluice/identity';
import type { Journal } from './journal.js';

/**
 * Signs the relay's chain with its node key. A head is a fact that names the one before it and its hash, and thereby all
 * earlier ones:
 *
 *   fact ◄── fact ◄── head (signed) ◄── fact ◄── head (signed) ...
 */
export class HeadSigner {
  /** Number of the last head. */
  private signed = 0;
  private signedAt = Number.NEGATIVE_INFINITY;
  private readonly timer: NodeJS.Timeout;
  private stopped = false;

  /**
   * @param own the relay's current key and certificate; undefined if it is not known that their signatures are accepted
   * @param room whether the journal has room for more than the ends of open sessions
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    private readonly journal: Journal,
    private readonly relay: { readonly id: string; readonly cluster: string },
    private readonly own: () => OwnIdentity | undefined,
    private readonly room: () => boolean,
    private readonly now: () => number = () => performance.now(),
    everyMs = HEAD_INTERVAL_MS,
  ) {
    this.timer = setInterval(() => this.sign(), everyMs);
    journal.onDurable(() => journal.last - this.signed > MAX_UNSIGNED_FACTS && this.sign());
    this.sign(); // what an earlier run left unsigned
  }

  /** Appends a head if there are facts since the last one, or if that was long ago. */
  sign(): void {
    const { journal, relay } = this;
    const news = journal.last > this.signed || this.now() - this.signedAt >= QUIET_HEAD_INTERVAL_MS;
    if (this.stopped || !news || journal.last === 0 || !this.room()) return;
    const own = this.own();
    if (!own) return;
    const { incarnation, last: through, lastHash: hash } = journal;
    const head = signHead(own, relay.id, { incarnation, through, hash });
    this.signed = journal.last + 1;
    this.signedAt = this.now();
    void journal
      .append(relayHeadSubject(relay.cluster, relay.id), undefined, head, new Date(head.at), false)
      .catch(() => undefined); // a failed journal ends the relay
  }

  /** Signs the last facts and stops. */
  stop(): void {
    this.sign();
    this.stopped = true;
    clearInterval(this.timer);
  }
}

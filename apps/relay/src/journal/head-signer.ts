import { headText, relayHeadSubject, type SignedHead } from '@sluice/contracts';
import type { OwnIdentity } from '@sluice/identity';
import type { Journal } from './journal.js';

/** How often new facts are signed, in milliseconds. */
const EVERY_MS = 10_000;
/** How often a head is signed without new facts, so that a reader can distinguish a quiet relay from one whose last facts are withheld. */
const QUIET_MS = 600_000;
/** New facts that are signed before the time is up. */
const MAX_UNSIGNED = 1000;

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
   * @param own the relay's current key and certificate
   * @param room whether the journal has room for more than the ends of open sessions
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    private readonly journal: Journal,
    private readonly relay: { readonly id: string; readonly cluster: string },
    private readonly own: () => OwnIdentity,
    private readonly room: () => boolean,
    private readonly now: () => number = () => performance.now(),
    everyMs = EVERY_MS,
  ) {
    this.timer = setInterval(() => this.sign(), everyMs);
    journal.onDurable(() => journal.last - this.signed > MAX_UNSIGNED && this.sign());
    this.sign(); // what an earlier run left unsigned
  }

  /** Appends a head if there are facts since the last one, or if that was long ago. */
  sign(): void {
    const { journal, relay } = this;
    const news = journal.last > this.signed || this.now() - this.signedAt >= QUIET_MS;
    if (this.stopped || !news || journal.last === 0 || !this.room()) return;
    const head = signHead(this.own(), relay.id, journal.incarnation, { through: journal.last, hash: journal.lastHash });
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

/** Signs the end of a chain: the number and hash of its last fact. */
function signHead(own: OwnIdentity, node: string, incarnation: string, last: Pick<SignedHead, 'through' | 'hash'>): SignedHead {
  const stated = { ...last, at: new Date().toISOString() };
  return {
    ...stated,
    certificate: own.certificate.toString('base64'),
    signature: own.sign(Buffer.from(headText(node, incarnation, stated), 'latin1')).toString('base64'),
  };
}

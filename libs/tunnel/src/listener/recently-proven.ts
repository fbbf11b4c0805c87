import { Tally } from '@sluice/domain';

const REMEMBERED_MS = 24 * 3600_000;
const MAX = 10_000;
const MAX_PER_OWNER = 64;

interface Proof {
  readonly name: string;
  readonly owner: string;
  readonly until: number;
}

/**
 * Remembers for which names (addresses or certificates) a peer recently proved its identity: the last ten thousand proofs, at
 * most 64 of one owner, for a day. Only a successful proof adds a name, and an owner with many names displaces only its own.
 */
export class RecentlyProven {
  /** Keyed by owner and name, the latest last. */
  private readonly proofs = new Map<string, Proof>();
  /** Keys in `proofs` by owner, the latest last. */
  private readonly owners = new Map<string, Set<string>>();
  /** The number of owners who proved their identity, by name. */
  private readonly names = new Tally();

  has(name: string): boolean {
    this.forgetExpired();
    return this.names.of(name) > 0;
  }

  add(name: string, owner: string): void {
    this.forgetExpired();
    const key = `${owner} ${name}`;
    this.forget(key);
    this.proofs.set(key, { name, owner, until: Date.now() + REMEMBERED_MS });
    this.names.add(name);
    const own = this.owners.get(owner) ?? new Set();
    this.owners.set(owner, own.add(key));
    if (own.size > MAX_PER_OWNER) this.forgetFirst(own);
    if (this.proofs.size > MAX) this.forgetFirst(this.proofs);
  }

  private forgetExpired(): void {
    for (const [key, { until }] of this.proofs) {
      if (until > Date.now()) return; // the remaining ones are more recent
      this.forget(key);
    }
  }

  private forgetFirst(of: { keys(): Iterator<string> }): void {
    const first = of.keys().next();
    if (first.done !== true) this.forget(first.value);
  }

  private forget(key: string): void {
    const proof = this.proofs.get(key);
    if (!proof) return;
    this.proofs.delete(key);
    this.names.add(proof.name, -1);
    const own = this.owners.get(proof.owner);
    own?.delete(key);
    if (own?.size === 0) this.owners.delete(proof.owner);
  }
}

import { type OrganizationSettings, reaches } from '../settings/session-settings.js';
import { addressKey } from './address-key.js';
import { Tally } from './tally.js';

/** Whose link it is, and where it comes from. */
export interface LinkOwner {
  readonly accountId: string;
  /** Source address. */
  readonly address: string;
}

/** Counts the links at one gateway or one relay, and compares them with their limits. */
export class LinkCount {
  private readonly accounts = new Tally();
  private readonly addresses = new Tally();
  private count = 0;

  constructor(
    private readonly node: 'gateway' | 'relay',
    private readonly limit: number,
  ) {}

  get all(): number {
    return this.count;
  }

  /** Whether this node accepts one more link at all. */
  get hasRoom(): boolean {
    return this.count < this.limit;
  }

  /** Counts one more, or with -1 one less. */
  add({ accountId, address }: LinkOwner, by: 1 | -1 = 1): void {
    this.count += by;
    this.accounts.add(accountId, by);
    this.addresses.add(addressKey(address), by);
  }

  /** Why this owner may not have another link; undefined if they may. */
  refusal({ accountId, address }: LinkOwner, settings: OrganizationSettings): string | undefined {
    if (!this.hasRoom) return `this ${this.node} has ${this.count} links, which is its limit`;
    const own = this.accounts.of(accountId);
    if (reaches(own, settings.linksPerAccount)) return `your account has ${own} links at this ${this.node}, which is the limit`;
    const there = this.addresses.of(addressKey(address));
    if (reaches(there, settings.linksPerAddress))
      return `your address ${address} has ${there} links at this ${this.node}, which is the limit`;
    return undefined;
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** How long an address stays known after the last sign-in from it. */
export const KNOWN_FOR = '90 days';
const READ_EVERY_MS = 10_000;

/** Addresses from which some account has signed in. They are cached for a few seconds, so that a flood of sign-ins does not query the database for each. */
@Injectable()
export class KnownAddresses {
  private addresses: ReadonlySet<string> = new Set();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;

  constructor(private readonly database: DataSource) {}

  /** Whether some account has signed in from this address. */
  async has(address: string): Promise<boolean> {
    if (performance.now() - this.readAt > READ_EVERY_MS)
      await (this.reading ??= this.read().finally(() => (this.reading = undefined)));
    return this.addresses.has(address);
  }

  private async read(): Promise<void> {
    const rows = await this.database.query<{ address: string }[]>(
      'select distinct address from known_address where last_at > now() - $1::interval',
      [KNOWN_FOR],
    );
    this.addresses = new Set(rows.map(({ address }) => address));
    this.readAt = performance.now();
  }
}

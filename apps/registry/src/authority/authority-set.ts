import { type KeyObject, X509Certificate } from 'node:crypto';
import { type AuthorityRecord, MAX_AUTHORITIES } from '@sluice/contracts';
import type { AuthorityState } from '@sluice/domain';
import { openText, provenAuthorities, readPrivateKey } from '@sluice/identity';
import type { DataSource, EntityManager } from 'typeorm';

/** A certificate authority of the installation. */
export interface AuthorityRow {
  readonly fingerprint: string;
  readonly number: number;
  readonly state: AuthorityState;
  /** PEM. */
  readonly certificate: string;
  /** Null once it signs no more. */
  readonly key_sealed: string | null;
  readonly endorses_next: string | null;
  readonly endorses_previous: string | null;
  readonly prepared_at: Date;
  readonly switched_at: Date | null;
  /** Nothing that it has signed later is accepted: null for the present and the next one. */
  readonly accepted_until: Date | null;
  readonly retired_at: Date | null;
}

/** The authorities that were proven last, as JSON. Every agent has them read every few seconds, and signatures take long to check. */
let lastProven = '';

/** All authorities that the installation has had, oldest first. */
export class AuthoritySet {
  private constructor(readonly all: readonly AuthorityRow[]) {}

  /**
   * Reads them. They are read each time they are needed, because any instance of the registry may rotate them.
   * @throws Error if one does not follow from the one that signs. That this is genuine is shown by its key, which nobody has who can
   *   only write to the database: see `openKey`
   */
  static async read(tx: EntityManager | DataSource): Promise<AuthoritySet> {
    const set = new AuthoritySet(await tx.query<AuthorityRow[]>('select * from authority order by number'));
    const claimed = JSON.stringify([set.current.fingerprint, set.all.map((row) => [row.fingerprint, recordOf(row)])]);
    if (claimed === lastProven) return set;
    const proven = provenAuthorities(new Set([set.current.fingerprint]), set.all.map(recordOf));
    const foreign = set.all.find(({ fingerprint }, at) => fingerprint !== proven[at]?.fingerprint);
    if (foreign) throw new Error(`the authority ${foreign.fingerprint} in the database is not endorsed by the one that signs`);
    lastProven = claimed;
    return set;
  }

  /** The one in a state of which there is at most one. */
  in(state: Exclude<AuthorityState, 'retired'>): AuthorityRow | undefined {
    return this.all.find((row) => row.state === state);
  }

  /** The one that signs. */
  get current(): AuthorityRow {
    const row = this.in('current');
    if (!row) throw new Error('the organization has no certificate authority');
    return row;
  }

  /** Those whose certificates are accepted, first the one that signs. A former one that is not retired is among them as long as certificates of it can be valid. */
  get accepted(): readonly AuthorityRow[] {
    const { current } = this;
    const isAccepted = ({ state, accepted_until }: AuthorityRow) =>
      state === 'next' || (state === 'former' && accepted_until !== null && accepted_until > new Date());
    return [current, ...this.all.filter(isAccepted)];
  }

  /** The certificates of those that are accepted, PEM. */
  get bundle(): string {
    return this.accepted.map(({ certificate }) => `${certificate.trim()}\n`).join('');
  }

  /** Fingerprints of those that are accepted, first the one that signs. */
  get fingerprints(): string[] {
    return this.accepted.map(({ fingerprint }) => fingerprint);
  }

  /** Fingerprints of those that were retired. */
  get retired(): string[] {
    return this.all.filter(({ state }) => state === 'retired').map(({ fingerprint }) => fingerprint);
  }

  /** What others check them by. @param which `all`: as many as a list may have, the newest; `accepted`: without those that were retired */
  records(which: 'all' | 'accepted'): AuthorityRecord[] {
    const wanted = which === 'all' ? this.newest : this.all.filter(({ state }) => state !== 'retired');
    return wanted.map(recordOf);
  }

  /** As many as a list may have, oldest first. */
  get newest(): readonly AuthorityRow[] {
    return this.all.slice(-MAX_AUTHORITIES);
  }

  /** Whether a secret for enrolment, which pins an authority or is older than that, is not to be used any more. */
  isRetired(pin: string | null): boolean {
    return this.retired.includes(pin ?? (this.all[0]?.fingerprint as string));
  }
}

/** What others check an authority by. */
export const recordOf = (row: AuthorityRow): AuthorityRecord => ({
  certificate: `${row.certificate.trim()}\n`,
  acceptedUntil: row.accepted_until?.toISOString() ?? null,
  endorsesNext: row.endorses_next,
  endorsesPrevious: row.endorses_previous,
});

/**
 * Decrypts the key of an authority that signs.
 * @param sealKey encrypts the keys of authorities. Secret
 * @throws Error if it is the key of another certificate, which somebody who can write to the database has put in its place
 */
export function openKey(
  { certificate, fingerprint, key_sealed }: AuthorityRow,
  sealKey: Buffer,
): { pem: string; key: KeyObject } {
  const pem = openText(key_sealed as string, sealKey);
  const key = readPrivateKey(pem);
  if (!new X509Certificate(certificate).checkPrivateKey(key))
    throw new Error(`the key in the database is not that of the authority ${fingerprint}`);
  return { pem, key };
}

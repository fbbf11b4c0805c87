import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { certifyAudit, NodeCredentials, OutputOf } from '@sluice/contracts';
import { type Identity, readPrivateKey, sealText, signNodeCredentials } from '@sluice/identity';
import { type Authority, createAuthority, issueCertificate, readAuthority } from '@sluice/identity/authority';
import { DataSource, type EntityManager } from 'typeorm';
import { AuthoritySet, openKey } from '../authority/authority-set.js';
import { RegistryConfig } from '../config.js';
import { parsePublicKey } from './public-key.js';

/** A name without that of the organization. */
type Named<I> = I extends Identity ? Omit<I, 'organizationId'> : never;

const DAY_MS = 24 * 3600 * 1000;

/** A certificate with the authorities that are accepted, PEM. `authorities` are their records. */
export interface Certified extends Required<OutputOf<typeof certifyAudit>> {
  readonly expiresAt: Date;
  /** Fingerprints of the authorities that are accepted, first the one that signed. */
  readonly accepted: readonly string[];
}

/** The one organization of this installation, which issues certificates with its present authority. It is created, with the first authority, at the first start. */
@Injectable()
export class Organization implements OnModuleInit {
  private loadedId: string | undefined;
  /** The authority that signed last, by its fingerprint. */
  private signedLast: { readonly fingerprint: string; readonly authority: Authority } | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly config: RegistryConfig,
  ) {}

  /** Reads the organization, or creates it. If several registries do so at the same time, all use the first one created. */
  async onModuleInit(): Promise<void> {
    const id = (await this.readId()) ?? (await this.create());
    // an organization that an earlier release has created has an authority only there
    await this.database.query(
      `insert into authority (fingerprint, number, state, certificate, key_sealed)
         select encode(sha256(decode(regexp_replace(ca_certificate, '-----[^-]+-----|\\s', '', 'g'), 'base64')), 'hex'),
                1, 'current', ca_certificate, ca_key_sealed
           from organization where not exists (select from authority)
       on conflict do nothing`,
    );
    this.loadedId = id;
    await this.signer(await AuthoritySet.read(this.database)); // so that a wrong key for unsealing is noticed now
  }

  get id(): string {
    if (this.loadedId === undefined) throw new Error('the organization is not loaded yet');
    return this.loadedId;
  }

  /**
   * Certifies a key (PEM) for a name that the caller has verified, for a day unless another time is given.
   * @param which which authorities are named with it: those that are accepted, or also those that were retired
   * @param set the authorities, if the caller has read them
   * @throws ProblemError 422 for a key that is not on P-256
   */
  async certify(
    name: Named<Identity>,
    publicKey: string,
    { tx = this.database.manager, lifetimeMs = DAY_MS, which = 'accepted', set: known }: CertifyOptions = {},
  ): Promise<Certified> {
    const identity = { ...name, organizationId: this.id } as Identity;
    const key = parsePublicKey(publicKey);
    const set = known ?? (await AuthoritySet.read(tx));
    const signer = await this.signer(set);
    const { certificatePem, expiresAt } = await issueCertificate(signer, identity, key, new Date(), lifetimeMs);
    const { bundle: ca, fingerprints: accepted } = set;
    return { certificate: certificatePem, ca, authorities: set.records(which), accepted, expiresAt };
  }

  /** Signs what a relay is given, so that no gateway can alter it. @param set the authorities with which its certificate was issued */
  async signCredentials(credentials: NodeCredentials, set: AuthoritySet): Promise<NodeCredentials> {
    const { privatePem } = await this.signer(set);
    return { ...credentials, signature: signNodeCredentials(readPrivateKey(privatePem), credentials) };
  }

  /** The present authority, with its key. */
  private async signer({ current }: AuthoritySet): Promise<Authority> {
    const { fingerprint, certificate } = current;
    if (this.signedLast?.fingerprint !== fingerprint) {
      const { pem } = openKey(current, this.config.caSealKey);
      this.signedLast = { fingerprint, authority: await readAuthority(certificate, pem) };
    }
    return this.signedLast.authority;
  }

  private async readId(): Promise<string | undefined> {
    const rows = await this.database.query<{ id: string }[]>('select id from organization');
    return rows[0]?.id;
  }

  private async create(): Promise<string> {
    const id = randomUUID();
    const authority = await createAuthority(id, new Date());
    const sealed = sealText(authority.privatePem, this.config.caSealKey);
    await this.database.query(
      'insert into organization (id, ca_certificate, ca_key_sealed) values ($1, $2, $3) on conflict do nothing',
      [id, authority.certificatePem, sealed],
    );
    const created = await this.readId();
    if (created === undefined) throw new Error('the organization could not be created');
    return created;
  }
}

/** How a key is certified. */
interface CertifyOptions {
  readonly tx?: EntityManager;
  readonly lifetimeMs?: number;
  readonly which?: 'all' | 'accepted';
  readonly set?: AuthoritySet;
}

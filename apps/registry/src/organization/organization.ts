import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { certifyAudit, OutputOf } from '@sluice/contracts';
import { type Identity, openText, sealText } from '@sluice/identity';
import { type Authority, createAuthority, issueCertificate, readAuthority } from '@sluice/identity/authority';
import { DataSource } from 'typeorm';
import { RegistryConfig } from '../config.js';
import { parsePublicKey } from './public-key.js';

/** A name without that of the organization. */
type Named<I> = I extends Identity ? Omit<I, 'organizationId'> : never;

const DAY_MS = 24 * 3600 * 1000;

/** A certificate and its authority, PEM. */
export interface Certified extends OutputOf<typeof certifyAudit> {
  readonly expiresAt: Date;
}

/** The one organization of this installation, with its certificate authority. It is created at the first start. */
@Injectable()
export class Organization implements OnModuleInit {
  private loaded: { id: string; authority: Authority } | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly config: RegistryConfig,
  ) {}

  /** Reads the organization, or creates it. If several registries do so at the same time, all use the first one created. */
  async onModuleInit(): Promise<void> {
    const row = (await this.read()) ?? (await this.create());
    const authority = await readAuthority(row.ca_certificate, openText(row.ca_key_sealed, this.config.caSealKey));
    this.loaded = { id: row.id, authority };
  }

  get id(): string {
    return this.present.id;
  }

  get authority(): Authority {
    return this.present.authority;
  }

  /**
   * Certifies a key (PEM) for a name that the caller has verified, for a day unless another time is given.
   * @throws ProblemError 422 for a key that is not on P-256
   */
  async certify(name: Named<Identity>, publicKey: string, lifetimeMs = DAY_MS): Promise<Certified> {
    const { id: organizationId, authority } = this.present;
    const identity = { ...name, organizationId } as Identity;
    const key = parsePublicKey(publicKey);
    const { certificatePem, expiresAt } = await issueCertificate(authority, identity, key, new Date(), lifetimeMs);
    return { certificate: certificatePem, ca: authority.certificatePem, expiresAt };
  }

  private get present() {
    if (!this.loaded) throw new Error('the organization is not loaded yet');
    return this.loaded;
  }

  private async read() {
    const rows =
      await this.database.query<{ id: string; ca_certificate: string; ca_key_sealed: string }[]>('select * from organization');
    return rows[0];
  }

  private async create() {
    const id = randomUUID();
    const authority = await createAuthority(id, new Date());
    const sealed = sealText(authority.privatePem, this.config.caSealKey);
    await this.database.query(
      'insert into organization (id, ca_certificate, ca_key_sealed) values ($1, $2, $3) on conflict do nothing',
      [id, authority.certificatePem, sealed],
    );
    const row = await this.read();
    if (!row) throw new Error('the organization could not be created');
    return row;
  }
}

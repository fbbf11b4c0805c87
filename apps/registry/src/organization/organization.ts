import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { openText, sealText } from '@sluice/identity';
import { type Authority, createAuthority, readAuthority } from '@sluice/identity/authority';
import { DataSource } from 'typeorm';
import { RegistryConfig } from '../config.js';

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

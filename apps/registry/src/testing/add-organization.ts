import { randomBytes, randomUUID } from 'node:crypto';
import { fingerprintOf, sealText } from '@sluice/identity';
import { createAuthority } from '@sluice/identity/authority';
import type { DataSource } from 'typeorm';

/** Makes what the first start of an installation makes: its organization, and the authority that signs. */
export async function addOrganization(
  database: DataSource,
  { settings = {}, sealKey = randomBytes(32) }: { readonly settings?: object; readonly sealKey?: Buffer } = {},
): Promise<void> {
  const { certificatePem, privatePem } = await createAuthority(randomUUID(), new Date());
  const sealed = sealText(privatePem, sealKey);
  await database.query('insert into organization (id, ca_certificate, ca_key_sealed, settings) values ($1, $2, $3, $4)', [
    randomUUID(),
    certificatePem,
    sealed,
    JSON.stringify(settings),
  ]);
  await database.query(
    "insert into authority (fingerprint, number, state, certificate, key_sealed) values ($1, 1, 'current', $2, $3)",
    [fingerprintOf(certificatePem), certificatePem, sealed],
  );
}

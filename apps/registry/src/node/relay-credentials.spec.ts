import { randomBytes, randomUUID } from 'node:crypto';
import { createUser } from '@nats-io/nkeys';
import { assertNodeCredentials, makeKeyPair } from '@sluice/identity';
import { makeAccountSeed } from '@sluice/identity/bus-authority';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { AuthoritySet } from '../authority/authority-set.js';
import type { RegistryConfig } from '../config.js';
import { Organization } from '../organization/organization.js';
import { addOrganization } from '../testing/add-organization.js';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { type NodeRow, NodeTable } from './node.table.js';
import { RelayCredentials } from './relay-credentials.js';

let database: DataSource;
let credentials: RelayCredentials;
useRegistryDatabase(
  async (opened) => {
    database = opened;
    const caSealKey = randomBytes(32);
    await addOrganization(database, { sealKey: caSealKey });
    const given = { caSealKey, busRelaysSeed: makeAccountSeed(), nodeNatsServers: ['tls://nats:4222'], bus: { ca: 'PEM' } };
    const config = given as unknown as RegistryConfig;
    const organization = new Organization(database, config);
    await organization.onModuleInit();
    credentials = new RelayCredentials(organization, config);
  },
  { tables: [NodeTable] },
);

it('issues credentials that are signed as a whole by the authority of their certificate', async () => {
  const node = { id: randomUUID(), name: 'Zürich "1"', clusterId: 'default' } as NodeRow;
  const { privatePem, publicPem } = makeKeyPair();
  const issued = await credentials.issue(database.manager, node, {
    publicKey: publicPem,
    natsPublicKey: createUser().getPublicKey(),
  });
  const trusted = (await AuthoritySet.read(database)).current.fingerprint;
  const check = (received: typeof issued) => assertNodeCredentials(received, { trusted, privateKey: privatePem, signed: true });
  check(JSON.parse(JSON.stringify(issued)) as typeof issued);
  expect(() => check({ ...issued, nats: { ...issued.nats, ca: 'another' } })).toThrow('has not signed');
});

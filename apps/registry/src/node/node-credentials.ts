import {
  type InputOf,
  NODE_DELETED,
  type NodeCredentials,
  ProblemError,
  relayPermissions,
  renewalBytes,
  renewNode,
} from '@sluice/contracts';
import { CertificateError, CertificateVerifier } from '@sluice/identity';
import { issueCertificate } from '@sluice/identity/authority';
import { issueBusUser } from '@sluice/identity/bus-authority';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import type { RegistryConfig } from '../config.js';
import type { Organization } from '../organization/organization.js';
import { type NodeRow, NodeTable } from './node.table.js';
import { nodeKey, readGateways } from './nodes.js';

const CERTIFICATE_LIFETIME_MS = 24 * 3600 * 1000;
/** Short, because the bus only learns that a node was deleted when its user expires. */
const BUS_LIFETIME_MS = 3600 * 1000;
const CLOCK_SKEW_MS = 5 * 60_000;

/** What a relay is given: a certificate for its key and a bus user, both naming it and nothing else. */
export async function credentialsFor(
  tx: EntityManager,
  organization: Organization,
  config: RegistryConfig,
  node: NodeRow,
  keys: { publicKey: string; natsPublicKey: string },
): Promise<NodeCredentials> {
  const cluster = node.clusterId ?? '';
  const now = new Date();
  const identity = { kind: 'relay', organizationId: organization.id, nodeId: node.id, cluster } as const;
  const { certificatePem } = await issueCertificate(
    organization.authority,
    identity,
    nodeKey(keys.publicKey),
    now,
    CERTIFICATE_LIFETIME_MS,
  );
  if (!/^U[A-Z2-7]{55}$/.test(keys.natsPublicKey)) {
    throw new ProblemError(422, 'nats_public_key_invalid', 'this is not the public key of a NATS user', {
      field: 'natsPublicKey',
    });
  }
  const permissions = relayPermissions(node.id, cluster);
  const jwt = await issueBusUser(config.busRelaysSeed, node.id, permissions, {
    publicKey: keys.natsPublicKey,
    lifetimeMs: BUS_LIFETIME_MS,
    now,
  });
  return {
    nodeId: node.id,
    name: node.name,
    organizationId: organization.id,
    cluster,
    certificate: certificatePem,
    ca: organization.authority.certificatePem,
    nats: { servers: config.nodeNatsServers, jwt, ...(config.bus.ca === undefined ? {} : { ca: config.bus.ca }) },
    gateways: await readGateways(tx, 'relay'),
  };
}

/** Finds the relay that asks to renew: its certificate must still be good, and its key must have signed the request. @throws ProblemError */
export async function renewingNode(
  database: DataSource,
  organization: Organization,
  input: InputOf<typeof renewNode>,
): Promise<NodeRow> {
  const refused = (title: string) => new ProblemError(401, 'renewal_refused', title);
  const verifier = new CertificateVerifier(organization.authority.certificatePem);
  let nodeId: string;
  try {
    const proven = verifier.verify(Buffer.from(input.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
    if (proven.identity.kind !== 'relay') throw refused('only relays renew here');
    if (!proven.signed(Buffer.from(renewalBytes(input)), Buffer.from(input.signature, 'base64')))
      throw refused('the signature does not fit the certificate');
    nodeId = proven.identity.nodeId;
  } catch (error) {
    if (error instanceof CertificateError) throw refused(error.message);
    throw error;
  }
  if (!(Math.abs(Date.now() - Date.parse(input.at)) < CLOCK_SKEW_MS))
    throw refused('the request is not of now; check the clocks');
  const node = await database.getRepository(NodeTable).findOneBy({ id: nodeId, deletedAt: IsNull() });
  if (!node) throw new ProblemError(401, NODE_DELETED, 'this node was deleted');
  return node;
}

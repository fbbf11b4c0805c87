import { Injectable } from '@nestjs/common';
import {
  AUTHORITY_RETIRED,
  type InputOf,
  NODE_DELETED,
  type NodeCredentials,
  ProblemError,
  relayPermissions,
  renewalBytes,
  renewNode,
} from '@sluice/contracts';
import { CertificateError, CertificateVerifier } from '@sluice/identity';
import { issueBusUser } from '@sluice/identity/bus-authority';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { RegistryConfig } from '../config.js';
import { AuthoritySet } from '../authority/authority-set.js';
import { noteCertified } from '../authority/note-certified.js';
import { Organization } from '../organization/organization.js';
import { type NodeRow, NodeTable } from './node.table.js';
import { readGateways } from './nodes.js';

/** Short, because a deleted node loses access to the bus only when its user expires. */
const BUS_LIFETIME_MS = 3600 * 1000;
const CLOCK_SKEW_MS = 5 * 60_000;

/** Issues the credentials of relays: a certificate for the relay's key and a signed bus user, both valid for that relay only. */
@Injectable()
export class RelayCredentials {
  constructor(
    private readonly organization: Organization,
    private readonly config: RegistryConfig,
  ) {}

  /** Issues a certificate and a bus user for a relay's keys. @throws ProblemError for a malformed key */
  async issue(tx: EntityManager, node: NodeRow, keys: { publicKey: string; natsPublicKey: string }): Promise<NodeCredentials> {
    const cluster = node.clusterId ?? '';
    const set = await AuthoritySet.read(tx);
    const certified = await this.organization.certify({ kind: 'relay', nodeId: node.id, cluster }, keys.publicKey, { tx, set });
    const { certificate, ca, authorities } = certified;
    if (!/^U[A-Z2-7]{55}$/.test(keys.natsPublicKey)) {
      throw new ProblemError(422, 'nats_public_key_invalid', 'this is not the public key of a NATS user', {
        field: 'natsPublicKey',
      });
    }
    const { busRelaysSeed, nodeNatsServers, bus } = this.config;
    const jwt = await issueBusUser(busRelaysSeed, node.id, relayPermissions(node.id, cluster), {
      publicKey: keys.natsPublicKey,
      lifetimeMs: BUS_LIFETIME_MS,
      now: new Date(),
    });
    await noteCertified(tx, 'node', node.id, certified);
    const credentials = {
      nodeId: node.id,
      name: node.name,
      organizationId: this.organization.id,
      cluster,
      certificate,
      ca,
      authorities,
      nats: { servers: nodeNatsServers, jwt, ...(bus.ca === undefined ? {} : { ca: bus.ca }) },
      gateways: (await readGateways(tx, 'relay')).map(({ id, address }) => ({ id, address })),
    };
    return this.organization.signCredentials(credentials, set);
  }

  /** Finds the relay that requests a renewal. Its certificate must still be valid, and its key must have signed the request. @throws ProblemError 401 */
  async renewingNode(database: DataSource, input: InputOf<typeof renewNode>): Promise<NodeRow> {
    const nodeId = this.verify(input, await AuthoritySet.read(database));
    if (!(Math.abs(Date.now() - Date.parse(input.at)) < CLOCK_SKEW_MS))
      throw refused('the time of the request differs too much from ours; check the clocks');
    const node = await database.getRepository(NodeTable).findOneBy({ id: nodeId, deletedAt: IsNull() });
    if (!node) throw new ProblemError(401, NODE_DELETED, 'this node was deleted');
    return node;
  }

  private verify(input: InputOf<typeof renewNode>, set: AuthoritySet): string {
    const certificate = Buffer.from(input.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    try {
      assertNotRetired(certificate, set);
      const proven = new CertificateVerifier(set.bundle).verify(certificate);
      if (proven.identity.kind !== 'relay') throw refused('only relays can renew their certificate');
      if (!proven.signed(Buffer.from(renewalBytes(input)), Buffer.from(input.signature, 'base64')))
        throw refused('the signature does not match the certificate');
      return proven.identity.nodeId;
    } catch (error) {
      if (error instanceof CertificateError) throw refused(error.message);
      throw error;
    }
  }
}

/** @throws ProblemError 401 for a certificate, expired or not, of an authority that was retired */
function assertNotRetired(certificate: Buffer, { all }: AuthoritySet): void {
  for (const { certificate: authority, retired_at } of all) {
    if (!retired_at || !isIssuedBy(certificate, authority)) continue;
    const message = `this relay's certificate is of an authority that was retired at ${retired_at.toISOString()}`;
    throw new ProblemError(401, AUTHORITY_RETIRED, message);
  }
}

function isIssuedBy(certificate: Buffer, authority: string): boolean {
  try {
    new CertificateVerifier(authority).verify(certificate);
    return true;
  } catch (error) {
    if (error instanceof CertificateError) return error.code === 'expired' || error.code === 'not-yet-valid';
    throw error;
  }
}

const refused = (title: string): ProblemError => new ProblemError(401, 'renewal_refused', title);

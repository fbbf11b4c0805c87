import { randomUUID } from 'node:crypto';
import {
  AUTHORITY_RETIRED,
  type InputOf,
  listNodes,
  type Node,
  notFound,
  type OutputOf,
  ProblemError,
  registerGateway,
  createNodeToken,
} from '@sluice/contracts';
import { parseNodeName } from '@sluice/domain';
import { formatEnrolmentToken, hashSecret, makeSecret } from '@sluice/identity';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import { type DataSource, type EntityManager, IsNull, Not } from 'typeorm';
import { CLUSTER_KEY_PREFIX, useKey } from '../cluster/cluster-keys.js';
import { AuthoritySet } from '../authority/authority-set.js';
import { noteCertified } from '../authority/note-certified.js';
import { clusterIdOf, clusterNames } from '../cluster/clusters.js';
import { type Change, versionConflict } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import type { Organization } from '../organization/organization.js';
import { parsePublicKey } from '../organization/public-key.js';
import { type NodeRow, NodeTable } from './node.table.js';
import type { Presence } from '../presence/presence.js';
import type { Workers } from '../presence/workers.js';

const TOKEN_LIFETIME_MS = 24 * 3600 * 1000;

/** Creates a one-time enrolment token for a relay. */
export async function createToken(
  change: Change,
  publicUrl: string,
  input: InputOf<typeof createNodeToken>,
): Promise<OutputOf<typeof createNodeToken>> {
  const id = randomUUID();
  const name = input.name === undefined ? `relay-${id.slice(0, 8)}` : accepted(parseNodeName(input.name));
  await assertNameFree(change.tx, name);
  const clusterId = await clusterIdOf(change.tx, input.proxyCluster);
  const secret = makeSecret('sle');
  const expiresAt = new Date(Date.now() + TOKEN_LIFETIME_MS);
  const { fingerprint } = (await AuthoritySet.read(change.tx)).current;
  await change.tx.query(
    'insert into enrolment_token (id, secret_hash, name, cluster_id, expires_at, authority) values ($1, $2, $3, $4, $5, $6)',
    [id, hashSecret(secret), name, clusterId, expiresAt, fingerprint],
  );
  const nameOf = await clusterNames(change.tx);
  await change.record('created', { kind: 'node-token', id, name }, null, { name, proxyCluster: nameOf(clusterId), expiresAt });
  const token = formatEnrolmentToken({ gateway: publicUrl, caFingerprint: fingerprint, secret });
  return { token, name, expiresAt: expiresAt.toISOString() };
}

/** What a relay becomes that enrols with a secret. */
interface Enrolment {
  readonly name: string;
  readonly clusterId: string;
  readonly clusterKeyId: string | null;
}

/**
 * Enrols a relay with a one-time token, which can be used once, or with the key of a cluster.
 * @throws ProblemError 401 for a secret that is unknown, used, expired or revoked
 */
export async function enrolRelay(
  change: Change,
  input: { secret: string; publicKey: string; name?: string | undefined },
): Promise<NodeRow> {
  parsePublicKey(input.publicKey);
  const id = randomUUID();
  const isKey = input.secret.startsWith(CLUSTER_KEY_PREFIX);
  const { name, clusterId, clusterKeyId } = await (isKey
    ? byKey(change, input.secret, input.name ?? `worker-${id.slice(0, 8)}`)
    : byToken(change, input.secret, input.name));
  const row: NodeRow = {
    id,
    version: 1,
    kind: 'relay',
    name,
    clusterId,
    address: null,
    relayAddress: null,
    publicKey: input.publicKey,
    clusterKeyId,
    enrolledAt: new Date(),
    drainingSince: null,
    drainDeadline: null,
    deletedAt: null,
  };
  await change.tx
    .getRepository(NodeTable)
    .insert(row)
    .catch((error: unknown) => {
      throw nameTaken(error, name);
    });
  const nameOf = await clusterNames(change.tx);
  await change.record('enrolled', { kind: 'node', id: row.id, name: row.name }, null, {
    name: row.name,
    kind: row.kind,
    proxyCluster: nameOf(row.clusterId),
  });
  return row;
}

async function byToken(change: Change, secret: string, asked: string | undefined): Promise<Enrolment> {
  const [rows] = await change.tx.query<[{ name: string; cluster_id: string; authority: string | null }[], number]>(
    'update enrolment_token set used_at = now() where secret_hash = $1 and used_at is null and expires_at > now() returning name, cluster_id, authority',
    [hashSecret(secret)],
  );
  const token = rows[0];
  if (!token)
    throw new ProblemError(401, 'enrolment_token_invalid', 'this enrolment token is unknown, used or expired: make a new one');
  await assertPinInUse(change.tx, token.authority);
  if (asked !== undefined && asked.toLowerCase() !== token.name.toLowerCase()) {
    const message = `this enrolment token is for a relay named ${token.name}: give it that name, or make a token for another`;
    throw new ProblemError(409, 'enrolment_name_differs', message, { field: 'name', value: asked }); // and the token stays good
  }
  return { name: token.name, clusterId: token.cluster_id, clusterKeyId: null };
}

async function byKey(change: Change, secret: string, asked: string): Promise<Enrolment> {
  const name = accepted(parseNodeName(asked));
  const used = await useKey(change.tx, secret);
  if (!used) throw new ProblemError(401, 'cluster_key_invalid', 'this cluster key is unknown or revoked: make a new one');
  await assertPinInUse(change.tx, used.authority);
  return { name, clusterId: used.clusterId, clusterKeyId: used.keyId };
}

/** @throws ProblemError 401 for a secret that pins an authority which was retired: who has its key could pose as this installation */
async function assertPinInUse(tx: EntityManager, authority: string | null): Promise<void> {
  if ((await AuthoritySet.read(tx)).isRetired(authority))
    throw new ProblemError(
      401,
      AUTHORITY_RETIRED,
      'this token or key pins a certificate authority that was retired: make a new one',
    );
}

/** Registers a gateway, or updates its key and address if it is known, and certifies its key for a day. */
export async function registerGatewayIn(
  change: Change,
  organization: Organization,
  input: InputOf<typeof registerGateway>,
): Promise<OutputOf<typeof registerGateway>> {
  const repository = change.tx.getRepository(NodeTable);
  const before = await repository.findOneBy({ name: input.name, kind: 'gateway', deletedAt: IsNull() });
  const { name, address, relayAddress, publicKey } = input;
  const id = before?.id ?? randomUUID();
  if (!before) {
    const row: NodeRow = {
      id,
      version: 1,
      kind: 'gateway',
      name,
      clusterId: null,
      address,
      relayAddress,
      publicKey,
      clusterKeyId: null,
      enrolledAt: new Date(),
      drainingSince: null,
      drainDeadline: null,
      deletedAt: null,
    };
    await repository.insert(row).catch((error: unknown) => {
      throw nameTaken(error, name);
    });
  } else {
    await repository.update({ id }, { address, relayAddress, publicKey });
  }
  if (before?.address !== address || before.relayAddress !== relayAddress) {
    const was = before && { address: before.address, relayAddress: before.relayAddress };
    await change.record(before ? 'moved' : 'registered', { kind: 'node', id, name }, was, { address, relayAddress });
    await change.touch('gateway', id);
  }
  const certified = await organization.certify({ kind: 'gateway', nodeId: id }, publicKey, { tx: change.tx });
  await noteCertified(change.tx, 'node', id, certified);
  const { certificate, ca } = certified;
  return { nodeId: id, organizationId: organization.id, certificate, ca };
}

/** The gateways, the oldest first, with the address at which agents or relays reach them, and whether they are being drained. */
export async function readGateways(
  tx: EntityManager,
  reader: 'agent' | 'relay',
): Promise<{ id: string; address: string; drained: boolean }[]> {
  const rows = await tx.getRepository(NodeTable).find({
    select: { id: true, address: true, relayAddress: true, drainingSince: true },
    where: { kind: 'gateway', deletedAt: IsNull(), address: Not(IsNull()) },
    order: { enrolledAt: 'asc' },
  });
  return rows.map(({ id, address, relayAddress, drainingSince }) => ({
    id,
    address: (reader === 'relay' ? (relayAddress ?? address) : address) as string,
    drained: drainingSince !== null,
  }));
}

/** A node that a change is based on, locked until the change is committed. @throws ProblemError if it is unknown or has changed meanwhile */
export async function lockNode(tx: EntityManager, asked: { id: string; version: number }): Promise<NodeRow> {
  const row = await tx
    .getRepository(NodeTable)
    .findOne({ where: { id: asked.id, deletedAt: IsNull() }, lock: { mode: 'pessimistic_write' } });
  if (!row) throw notFound('node', asked.id);
  if (row.version !== asked.version) throw versionConflict('node', asked.version, row.version);
  return row;
}

/** Deletes a node and revokes its identity. */
export async function deleteNodeFrom(change: Change, asked: { id: string; version: number }): Promise<void> {
  const row = await lockNode(change.tx, asked);
  await change.tx.getRepository(NodeTable).update({ id: row.id }, { deletedAt: new Date(), version: row.version + 1 });
  await change.record(
    'deleted',
    { kind: 'node', id: row.id, name: row.name },
    { name: row.name, kind: row.kind, address: row.address },
    null,
  );
  await change.touch('revoked', row.id);
  if (row.kind === 'gateway') await change.touch('gateway', row.id);
  if (row.drainingSince !== null) await change.touch('drain', row.id);
}

/** One node. @throws ProblemError 404 */
export async function findNode(tx: EntityManager, presence: Presence, id: string): Promise<Node> {
  const row = await tx.getRepository(NodeTable).findOneBy({ id, deletedAt: IsNull() });
  if (!row) throw notFound('node', id);
  return showNode(row, presence, await clusterNames(tx));
}

/** One page of nodes, by name. Workers that are gone are listed only by name, or if they are asked for. */
export async function pageOfNodes(
  database: DataSource,
  presence: Presence,
  workers: Workers,
  input: InputOf<typeof listNodes>,
): Promise<OutputOf<typeof listNodes>> {
  const query = database.getRepository(NodeTable).createQueryBuilder('n').where('n.deleted_at is null');
  if (input.name !== undefined) query.andWhere('lower(n.name) = lower(:name)', { name: input.name });
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { id: 'uuid' });
  if (input.name === undefined && input.gone !== true)
    query.andWhere('n.id <> all(:gone)', { gone: [...(await workers.gone(database.manager))] });
  if (after) query.andWhere('(lower(n.name), n.id) > (:key, :id::uuid)', { key: after[0], id: after[1] });
  const rows = await query
    .orderBy('lower(n.name)')
    .addOrderBy('n.id')
    .limit(input.limit + 1)
    .getMany();
  const nameOf = await clusterNames(database.manager);
  return pageOf(
    rows,
    input.limit,
    (row) => [row.name.toLowerCase(), row.id],
    (row) => showNode(row, presence, nameOf),
  );
}

const showNode = (row: NodeRow, presence: Presence, nameOf: (clusterId: string | null) => string | null): Node => ({
  id: row.id,
  version: row.version,
  name: row.name,
  kind: row.kind,
  proxyCluster: nameOf(row.clusterId),
  address: row.address ?? presence.addressOf(row),
  ...presence.of(row),
  drain: row.drainingSince && { since: row.drainingSince.toISOString(), deadline: row.drainDeadline?.toISOString() ?? null },
  enrolledAt: row.enrolledAt.toISOString(),
});

/** @throws ProblemError if a node has the name, so that this is reported when the token is created and not when the relay starts */
async function assertNameFree(tx: EntityManager, name: string): Promise<void> {
  const [node] = await tx.query<unknown[]>('select 1 from node where lower(name) = lower($1) and deleted_at is null', [name]);
  if (node) throw taken(name);
}

/** The problem if a node could not be written because another one has its name; any other error is returned as it is. */
export const nameTaken = (error: unknown, name: string): unknown =>
  violatedConstraint(error) === 'node_name_unique' ? taken(name) : error;

const taken = (name: string): ProblemError =>
  refusedBy({
    code: 'name_taken',
    message: 'there is a node of this name already (names ignore case)',
    field: 'name',
    value: name,
  });

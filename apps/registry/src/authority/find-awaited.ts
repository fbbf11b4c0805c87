import type { Authorities } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import type { NodeName, Presence } from '../presence/presence.js';
import type { AuthoritySet } from './authority-set.js';

type Awaited = Authorities['awaited'][number];

/** Who a rotation waits for, and how many of those that are there it does not wait for. */
export interface Readiness {
  readonly nodes: Authorities['nodes'];
  readonly agents: Authorities['agents'];
  readonly awaited: readonly Awaited[];
}

/** Services ask for the authorities every twenty seconds; after this time each of them accepts those that there are, and has a certificate of the one that signs. */
const SERVICES_WITHIN_MS = 60_000;
/** An agent asks for its feed every five seconds, which is noted once a minute. */
const AGENTS = `
  select a.email, l.authorities, l.agent_seen_at as seen_at from login l join account a on a.id = l.account_id
   where l.ended_at is null and l.expires_at > now() and l.certified_until > now() and l.agent_seen_at > now() - interval '2 minutes'
   order by a.email`;
const PINS = `
  select 'cluster key' as kind, case c.id when 'default' then c.id else c.name end as name, k.last_used_at as seen_at, k.authority
    from cluster_key k join proxy_cluster c on c.id = k.cluster_id where k.revoked_at is null
  union all select 'enrolment token', name, null, authority from enrolment_token where used_at is null and expires_at > now()
  order by 1, 2`;

interface NodeRow extends NodeName {
  readonly name: string;
  readonly authorities: string[] | null;
  readonly seen_at: Date | null;
}

/**
 * Finds who the next step would harm.
 *
 *   next step   nodes and agents that are there    nodes that are away           secrets for enrolment
 *   prepare     -                                  -                             -
 *   switch      do not accept the next one         told: they get it when back   -                       (and services)
 *   retire      have a certificate of the former   their last one is of it       pin the former one      (and services)
 */
export async function findAwaited(tx: EntityManager, presence: Presence, set: AuthoritySet): Promise<Readiness> {
  const next = set.in('next');
  const former = set.in('former');
  const isBehind = (held: readonly string[] | null | undefined): boolean => {
    if (next) return !held?.includes(next.fingerprint);
    return former !== undefined && (held === null || held === undefined || held[0] === former.fingerprint);
  };
  const why = next ? 'does not accept the next authority yet' : 'has a certificate of the former authority';
  const awaited: Awaited[] = [];

  const nodes = { ready: 0, all: 0 };
  const rows = await tx.query<NodeRow[]>(
    `select id, kind, name, authorities, last_seen_at as seen_at from node
      where deleted_at is null and ($1 or certified_until is null or certified_until > now()) order by lower(name)`,
    [next !== undefined],
  );
  for (const row of rows) {
    const here = presence.isHere(row);
    const behind = isBehind(here ? presence.authoritiesOf(row) : row.authorities);
    if (here) nodes.all++;
    if (here && !behind) nodes.ready++;
    if (!behind) continue;
    const seen = presence.seenAt(row) ?? row.seen_at?.getTime();
    awaited.push({
      kind: row.kind,
      name: row.name,
      lastSeenAt: seen === undefined ? null : new Date(seen).toISOString(),
      why: here ? why : `${why}; it is offline`,
      blocks: here || former !== undefined,
    });
  }

  const agents = { ready: 0, all: 0 };
  for (const row of await tx.query<{ email: string; authorities: string[] | null; seen_at: Date }[]>(AGENTS)) {
    agents.all++;
    if (!isBehind(row.authorities)) agents.ready++;
    else awaited.push({ kind: 'agent', name: row.email, lastSeenAt: row.seen_at.toISOString(), why, blocks: true });
  }

  if (former) {
    const oldest = set.all[0]?.fingerprint;
    const pins =
      await tx.query<{ kind: 'cluster key' | 'enrolment token'; name: string; seen_at: Date | null; authority: string | null }[]>(
        PINS,
      );
    for (const { kind, name, seen_at, authority } of pins)
      if ((authority ?? oldest) === former.fingerprint)
        awaited.push({
          kind,
          name,
          lastSeenAt: seen_at?.toISOString() ?? null,
          why: 'pins the former authority: make another one, and revoke it',
          blocks: true,
        });
  }
  const stepAt = next ? next.prepared_at : former && set.current.switched_at;
  if (stepAt && Date.now() - stepAt.getTime() < SERVICES_WITHIN_MS)
    awaited.push({
      kind: 'services',
      name: 'registry, health, audit',
      lastSeenAt: null,
      why: next
        ? 'may not accept the next authority yet, for a minute after it was prepared'
        : 'may still sign facts with certificates of the former authority, for a minute after the switch',
      blocks: true,
    });
  return { nodes, agents, awaited: next || former ? awaited : [] };
}

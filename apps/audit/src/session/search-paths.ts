import { clientAddressSpellings, parseTagFilter } from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import type { FilterOfIds } from './ids-of-names.js';
import type { SqlPart } from './sql-values.js';

/** A way to the records that fit one part of a filter, newest first: each condition is read from an index, and together they find all of these records. */
export type SearchPath = readonly SqlPart[];

type Query = Pick<EntityManager, 'query'>;
type NameKind = 'account' | 'resource' | 'relay';

/** The most conditions of a path. What so many accounts or servers have is frequent, so that the newest records have it. */
const MAX_CONDITIONS = 50;

const COLUMNS: Readonly<Record<NameKind, string>> = { account: 'account_id', resource: 'resource_id', relay: 'relay_id' };
/** End reasons of most sessions, which no index has. */
const USUAL_ENDS: readonly string[] = ['client closed', 'resource closed'];
/** From how many bytes, and milliseconds, sessions are in an index. */
const LARGE = 1_000_000_000;
const LONG_MS = 28_800_000;
const ADDRESS = "regexp_replace(client_address, ':[0-9]*$', '')";

/** Finds a value by the index of its hash. @param as what becomes of the value before it is compared */
const having =
  (expression: string, value: string, as = (place: string) => place): SqlPart =>
  (values) => {
    const place = as(`${values.place(value)}::text`);
    return `hashtextextended(${expression}, 0) = hashtextextended(${place}, 0) and ${expression} = ${place}`;
  };

/** The path to the records of an account. */
export const ofAccount = (id: string): SearchPath => [having('account_id', id)];

/** The paths of a filter; none if only the newest records can be looked through. */
export async function pathsOf(tx: Query, filter: FilterOfIds): Promise<SearchPath[]> {
  const names = new Names(tx);
  const paths: (SearchPath | undefined)[] = [];
  const { account, resource, node, proxyClusters, gateways, rule, clientAddress, outcome, endReason } = filter;
  if (account !== undefined) paths.push(await names.called('account', account));
  if (resource !== undefined) paths.push(await names.called('resource', resource));
  if (node !== undefined) paths.push(await names.called('relay', node));
  if (proxyClusters !== undefined) paths.push(await names.ofClusters(proxyClusters));
  for (const tag of filter.tags ?? []) paths.push(await names.tagged(tag));
  for (const word of filter.words ?? []) paths.push(await names.containing(word));
  if (gateways !== undefined) paths.push(gateways.map((id) => having('gateway', id)));
  if (rule !== undefined) paths.push([having('lower(rule)', rule, (place) => `lower(${place})`)]);
  if (clientAddress !== undefined) paths.push(addressesOf(clientAddress).map((address) => having(ADDRESS, address)));
  if (outcome !== undefined && outcome !== 'completed')
    paths.push([(values) => `outcome <> 'completed' and outcome = ${values.place(outcome)}`]);
  if (endReason !== undefined && !USUAL_ENDS.includes(endReason)) {
    const unusual = USUAL_ENDS.map((usual) => `end_reason <> '${usual}'`).join(' and ');
    paths.push([(values) => `${unusual} and end_reason = ${values.place(endReason)}`]);
  }
  if ((filter.minBytes ?? 0) >= LARGE) paths.push([() => `bytes_up + bytes_down >= ${LARGE}`]);
  if ((filter.minDurationMs ?? 0) >= LONG_MS) paths.push([() => `duration_ms >= ${LONG_MS}`]);
  if (filter.live === true) paths.push([() => "state = 'live'"]);
  return paths.filter((path) => path !== undefined);
}

/** The spellings of an address without the port. */
const addressesOf = (address: string): string[] => [
  ...new Set((clientAddressSpellings(address) ?? []).map((spelling) => spelling.replace(/:\d*$/, ''))),
];

/** Finds the ids that had a name or a tag. */
class Names {
  private unnamed: Promise<string[]> | undefined;

  constructor(private readonly tx: Query) {}

  /** Records of those that have this id, or had this name. */
  async called(kind: NameKind, nameOrId: string): Promise<SearchPath | undefined> {
    const ids = await this.find('kind = $1 and name = lower($2)', [kind, nameOrId]);
    return this.path([[kind, nameOrId], ...ids.map(({ id }) => [kind, id] as const)]);
  }

  /** Records of servers that had this tag. */
  async tagged(tag: string): Promise<SearchPath | undefined> {
    const { key, value } = parseTagFilter(tag) ?? { key: tag, value: undefined };
    const found = await (value === undefined
      ? this.find(`kind = 'tag' and name >= $1::text || '=' and name < $1::text || '>'`, [key]) // in the order of bytes, '>' follows '='
      : this.find(`kind = 'tag' and name = $1`, [`${key}=${value}`]));
    return this.path(found.map(({ id }) => ['resource', id]));
  }

  /** Records with a name that contains this. */
  async containing(word: string): Promise<SearchPath | undefined> {
    const found = await this.find(`kind in ('account', 'resource', 'relay') and strpos(name, lower($1)) > 0`, [word]);
    return this.path(found.map(({ kind, id }) => [kind as NameKind, id]));
  }

  /** Records of the relays of proxy clusters. */
  async ofClusters(clusters: readonly string[]): Promise<SearchPath | undefined> {
    const sql = `select relay_id as id from relay_cluster where cluster = any($1::text[]) limit ${MAX_CONDITIONS + 1}`;
    const relays = await this.tx.query<{ id: string }[]>(sql, [clusters]);
    return relays.length > MAX_CONDITIONS ? undefined : relays.map(({ id }) => having(COLUMNS.relay, id));
  }

  private find(where: string, values: unknown[]): Promise<{ kind: string; id: string }[]> {
    return this.tx.query(`select kind, id from session_name where ${where} limit ${MAX_CONDITIONS + 1}`, values);
  }

  /** Records with these ids, and those of relays whose names are not all known. */
  private async path(found: readonly (readonly [NameKind, string])[]): Promise<SearchPath | undefined> {
    this.unnamed ??= this.tx
      .query<{ id: string }[]>(`select relay_id as id from session_unnamed limit ${MAX_CONDITIONS + 1}`)
      .then((rows) => rows.map(({ id }) => id));
    const all = [...found, ...(await this.unnamed).map((id) => ['relay', id] as const)];
    const different = new Map(all.map(([kind, id]) => [`${kind} ${id}`, [kind, id] as const]));
    return different.size > MAX_CONDITIONS ? undefined : [...different.values()].map(([kind, id]) => having(COLUMNS[kind], id));
  }
}

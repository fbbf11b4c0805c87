import type { InputOf, listServers } from '@sluice/contracts';
import { nameKey, parseTagFilter } from '@sluice/domain';
import type { SelectQueryBuilder } from 'typeorm';
import type { HealthView } from './health-view.js';
import type { ResourceRow } from './resource.table.js';

type Filters = Omit<InputOf<typeof listServers>, 'limit' | 'cursor' | 'proxyCluster'> & {
  readonly clusterId: string | undefined;
};

/** What the words of a search are looked for in, besides the name. */
const SEARCHED = `lower(concat_ws(' ', r.hostname || ':' || r.port, r.bind_address || ':' || r.port_override, r.dns,
  (select string_agg(key || '=' || value, ' ') from jsonb_each_text(r.tags))))`;

/**
 * Narrows a list of resources down to those for which all filters hold. Words and tags have no index: a page of a search reads the
 * table once at most, about a tenth of a second with ten thousand servers. An index for parts of words would make every change of
 * a server more expensive.
 */
export function narrowDown(query: SelectQueryBuilder<ResourceRow>, filters: Filters, health: Pick<HealthView, 'idsOf'>): void {
  const { name, search = '', tag = [], clusterId } = filters;
  if (name !== undefined) query.andWhere('r.name_key = :key', { key: nameKey(name) });
  const words = search.split(/\s+/).filter((word) => word !== '');
  for (const [at, word] of words.entries())
    query.andWhere(`(strpos(r.name_key, :name${at}) > 0 or strpos(${SEARCHED}, lower(:word${at})) > 0)`, {
      [`name${at}`]: nameKey(word),
      [`word${at}`]: word,
    });
  for (const [at, text] of tag.entries()) {
    const { key = '', value } = parseTagFilter(text) ?? {};
    const has = value === undefined ? `jsonb_exists(r.tags, :tag${at})` : `r.tags @> :tag${at}::jsonb`;
    query.andWhere(has, { [`tag${at}`]: value === undefined ? key : JSON.stringify({ [key]: value }) });
  }
  if (clusterId !== undefined) query.andWhere('r.cluster_id = :clusterId', { clusterId });
  if (filters.health === 'unchecked') query.andWhere('r.id <> all(:ids)', { ids: health.idsOf(['healthy', 'unhealthy']) });
  else if (filters.health !== undefined) query.andWhere('r.id = any(:ids)', { ids: health.idsOf([filters.health]) });
}

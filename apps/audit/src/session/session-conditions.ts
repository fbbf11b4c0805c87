import { clientAddressSpellings, parseTagFilter } from '@sluice/domain';
import type { FilterOfIds } from './ids-of-names.js';
import type { SqlValues } from './sql-values.js';

/** A session that runs has no numbers until it has carried bytes. */
const BYTES = 'coalesce(bytes_up + bytes_down, 0)';

/** What a record must fulfil to fit a filter. */
export function conditionsOf(filter: FilterOfIds, values: SqlValues): string[] {
  const conditions: string[] = [];
  const given = <T>(value: T | undefined, condition: (place: string) => string, as: (value: T) => unknown = (same) => same) => {
    if (value !== undefined) conditions.push(condition(values.place(as(value))));
  };
  given(filter.account, (p) => `account_id = ${p} or lower(account_email) = lower(${p})`);
  given(filter.resource, (p) => `resource_id = ${p} or lower(resource_name) = lower(${p})`);
  given(filter.node, (p) => `relay_id = ${p} or lower(relay_name) = lower(${p})`);
  given(filter.proxyClusters, (p) => `relay_id in (select c.relay_id from relay_cluster c where c.cluster = any(${p}::text[]))`);
  given(filter.gateways, (p) => `gateway = any(${p}::text[])`);
  given(
    filter.clientAddress,
    (p) =>
      `exists (select from unnest(${p}::text[]) one where client_address = one or (right(one, 1) = ':' and starts_with(client_address, one)))`,
    (address) => clientAddressSpellings(address) ?? [],
  );
  given(filter.outcome, (p) => `outcome = ${p}`);
  given(filter.endReason, (p) => `end_reason = ${p}`);
  given(filter.rule, (p) => `lower(rule) = lower(${p})`);
  given(filter.minBytes, (p) => `${BYTES} >= ${p}::bigint`);
  given(filter.maxBytes, (p) => `${BYTES} <= ${p}::bigint`);
  given(filter.minDurationMs, (p) => `duration_ms >= ${p}::float8`);
  given(filter.maxDurationMs, (p) => `duration_ms <= ${p}::float8`);
  for (const tag of filter.tags ?? []) {
    const { key, value } = parseTagFilter(tag) ?? { key: tag, value: undefined };
    conditions.push(
      value === undefined
        ? `jsonb_exists(resource_tags, ${values.place(key)})`
        : `resource_tags @> ${values.place(JSON.stringify({ [key]: value }))}::jsonb`,
    );
  }
  for (const word of filter.words ?? [])
    conditions.push(
      `strpos(lower(concat_ws(chr(10), resource_name, account_email, relay_name)), lower(${values.place(word)})) > 0`,
    );
  if (filter.live !== undefined) conditions.push(filter.live ? "state = 'live'" : "state <> 'live'");
  return conditions;
}

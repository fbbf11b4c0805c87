// Ten million records of a year, as an installation of 5,000 users, 2,000 servers and 40 relays would have them.
import pg from 'pg';

const CHUNK = 250_000;
export const ACCOUNTS = 5000;
export const SERVERS = 2000;
export const RELAYS = 40;
export const GATEWAYS = 6;

/** A UUID that follows from a word and a number. */
const uuid = (word, n) => `md5('${word} ' || (${n}))::uuid::text`;
/** A number from 0 to below a limit; small ones are much more frequent. `r` is from 0 to below 1. */
const skewed = (r, below) => `floor(${below} * power(${r}, 3))::int`;

const EMAIL = (n) => `'user-' || ${n} || '@' || (array['example.com', 'corp.example', 'partner.example'])[1 + ${n} % 3]`;
const NAME = (n) =>
  `(array['orders', 'billing', 'search', 'ledger', 'stock', 'mail', 'queue', 'cache'])[1 + ${n} % 8] || ' ' || ${n}`;
/** Three servers have a tag that no other has. */
const TAGS = (n) => `(jsonb_build_object('env', (array['prod', 'test', 'dev'])[1 + ${n} % 3], 'team', 'team-' || ${n} % 20)
  || case when ${n} >= ${SERVERS - 3} then '{"audited": "pci"}'::jsonb else '{}'::jsonb end)`;

/** Records from one number to below another. The clock of record n follows from n, so that they are inserted in the order of time. */
const records = (from, to, total) => `
  insert into session (id, revision, state, request_id, attempt, account_id, account_email, resource_id, resource_name, resource_tags,
    relay_id, relay_name, gateway, client_address, dialled_address, rule, shared_listener, started_at, ended_at, duration_ms,
    bytes_up, bytes_down, exactness, outcome, end_reason, incarnation, begun_number)
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '8' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
    2, case when live then 'live' else 'final' end, h::uuid, 1,
    ${uuid('account', 'account')}, ${EMAIL('account')},
    ${uuid('server', 'server')}, ${NAME('server')},
    ${TAGS('server')},
    ${uuid('relay', 'relay')}, 'relay-' || relay, ${uuid('gateway', 'gateway')},
    '10.' || client % 200 || '.' || client / 200 % 250 || '.7:' || 20000 + n % 30000, '192.0.2.' || server % 250, 'role role-' || server % 200,
    false, at, case when live then null else at + duration * interval '1 ms' end, case when live then null else duration end,
    case when outcome = 'completed' then up else 0 end, case when outcome = 'completed' then down else 0 end,
    case when live then null else 'exact' end, case when live then null else outcome end,
    case when live then null when outcome = 'refused' then (array['no grant', 'limit reached', 'account suspended'])[1 + n % 3]
      when outcome = 'failed' then (array['connect refused', 'dial timeout', 'relay lost'])[1 + n % 3]
      when n % 5000 = 77 then 'operator ended' when n % 10 < 8 then 'client closed' else 'resource closed' end,
    ${uuid('journal', 'relay')}, n
  from (
    select n, h, at, ${skewed('r1', ACCOUNTS)} as account, ${skewed('r2', SERVERS)} as server,
      (${RELAYS - 10} * r3)::int + case when n < ${total} / 3 then 0 else 10 end as relay, -- ten of them are gone since a third of the year
      (${GATEWAYS - 2} * r4)::int + case when n < ${total} / 3 then 0 else 2 end as gateway,
      ${skewed('r5', 20_000)} as client, r6, n > ${total} - 3000 and n % 3 = 0 as live,
      case when r7 < 0.93 then 'completed' when r7 < 0.98 then 'refused' else 'failed' end as outcome,
      exp(ln(30000) + 2 * sqrt(-2 * ln(1 - r6)) * cos(2 * pi() * r7)) as duration,
      exp(ln(2000) + 2.5 * sqrt(-2 * ln(1 - r5)) * cos(2 * pi() * r6))::bigint as up,
      exp(ln(20000) + 2.5 * sqrt(-2 * ln(1 - r4)) * cos(2 * pi() * r5))::bigint as down
    from (
      select n, md5(n::text) as h, now() - interval '365 days' + (n * 365.0 / ${total}) * interval '1 day' as at,
        random() as r1, random() as r2, random() as r3, random() as r4, random() as r5, random() as r6, random() as r7
      from generate_series(${from}, ${to - 1}) n) given) made`;

/**
 * Fills the table, unless it is full: without indexes and triggers, which are then made again. It continues where it was interrupted.
 * @param ownerUrl the URL of the database for its owner
 * @param most how many records to make now, if not all @returns the seconds that took, or nothing if some are still missing
 */
export async function generate(ownerUrl, total, say, most = total) {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    await client.query("set search_path = audit; set synchronous_commit = off; set maintenance_work_mem = '256MB'");
    await client.query(
      'create table if not exists public.bench_index as select null::text as name, null::text as made, 0 as records where false',
    );
    const { rows: dropped } = await client.query('select made from public.bench_index where name is not null');
    const { rows: known } = await client.query('select max(records) as n from public.bench_index');
    if (known[0].n === total) return { inserted: 0, indexed: 0 };
    const { rows: indexes } = await client.query(
      `insert into public.bench_index select indexrelid::regclass::text, pg_get_indexdef(indexrelid), 0
         from pg_index where indrelid = 'session'::regclass and not indisunique returning name, made`,
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    await client.query('alter table session disable trigger user');
    const begin = known[0].n ?? 0;
    const end = Math.min(total, begin + most);
    for (let from = begin; from < end; from += CHUNK) {
      const to = Math.min(from + CHUNK, end);
      await client.query('begin');
      await client.query(records(from, to, total));
      await client.query('insert into public.bench_index (records) values ($1)', [to === total ? 0 : to]);
      await client.query('commit');
      say(`${to} records after ${seconds().toFixed(0)} s`);
    }
    if (end < total) return undefined;
    const inserted = seconds();
    for (const { made } of [...dropped, ...indexes]) await client.query(made);
    const indexed = seconds() - inserted;
    await client.query('alter table session enable trigger user');
    await client.query(`insert into session_name
      select 'account', ${EMAIL('n')}, ${uuid('account', 'n')}, 'bench' from generate_series(0, ${ACCOUNTS - 1}) n
       union all select 'resource', ${NAME('n')}, ${uuid('server', 'n')}, 'bench' from generate_series(0, ${SERVERS - 1}) n
       union all select 'relay', 'relay-' || n, ${uuid('relay', 'n')}, 'bench' from generate_series(0, ${RELAYS}) n
       union all select 'tag', tag.key || '=' || tag.value, ${uuid('server', 'n')}, 'bench'
         from generate_series(0, ${SERVERS - 1}) n cross join lateral jsonb_each_text(${TAGS('n')}) tag`);
    await client.query(`insert into relay_cluster select distinct id, case when n % 4 = 0 then 'far' else 'default' end
      from (select ${uuid('relay', 'n')} as id, n from generate_series(0, ${RELAYS}) n) relay on conflict do nothing`);
    await client.query('vacuum (analyze) session');
    await client.query('analyze session_name');
    await client.query('insert into public.bench_index (records) values ($1)', [total]);
    return { inserted, indexed };
  } finally {
    await client.end();
  }
}

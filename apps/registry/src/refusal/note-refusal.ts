import type { Actor } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import type { DataSource } from 'typeorm';

/**
 * What kind of request was refused.
 *
 *   login failed    wrong e-mail or password
 *   login limited   not checked, because too many failed before
 *   call denied     a call that the account's API role does not allow
 */
export type RefusalKind = 'login failed' | 'login limited' | 'call denied';

/** One refusal. What was typed as an unknown e-mail is not stored, because it may be a password. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly account: { readonly id: string; readonly email: string } | undefined;
  /** The client address, as returned by `addressKey`. */
  readonly address: string;
  /** Id of the operation that was called. */
  readonly operation?: string;
}

/**
 * How many rows one kind may have per minute. Beyond the first limit each known account gets one more row, up to the second
 * limit, so that refusals of an account are not hidden by those of others. All others share one row with a count.
 */
const MAX_PER_MINUTE = 50;
const MAX_WITH_ACCOUNTS = 250;
/** Stands in place of the address in those additional rows. */
const OTHERS = 'others';

/** Counts a refusal within the present minute. Similar ones share a row, so that a flood cannot grow the table. */
export async function noteRefusal(database: DataSource, refusal: Refusal): Promise<void> {
  const { kind, account } = refusal;
  if (await upsert(database, refusal, MAX_PER_MINUTE)) return;
  if (account && (await upsert(database, { kind, account, address: OTHERS }, MAX_WITH_ACCOUNTS))) return;
  await upsert(database, { kind, account: undefined, address: OTHERS }, Infinity);
}

/** Counts a call that was refused because of the caller's API role. */
export const noteDeniedCall = (
  database: DataSource,
  actor: Actor,
  operation: string,
  clientAddress: string | undefined,
): Promise<void> =>
  noteRefusal(database, {
    kind: 'call denied',
    account: { id: actor.accountId, email: actor.email },
    address: addressKey(clientAddress),
    operation,
  });

async function upsert(database: DataSource, { kind, account, address, operation }: Refusal, maxRows: number): Promise<boolean> {
  const rows = await database.query<unknown[]>(
    `insert into refusal as r (minute, kind, account_id, account_email, address, operation)
       select m.minute, $1, $2::uuid, $3, $4, $5
         from (select date_trunc('minute', now()) as minute) m
        where (select count(*) from refusal o where o.minute = m.minute and o.kind = $1) < $6
           or exists (select 1 from refusal o where o.minute = m.minute and o.kind = $1 and o.account_id is not distinct from $2::uuid
                         and o.address = $4 and o.operation = $5)
     on conflict on constraint refusal_counted_once do update set count = r.count + 1
     returning 1`,
    [
      kind,
      account?.id ?? null,
      account?.email ?? '',
      address,
      operation ?? '',
      Number.isFinite(maxRows) ? maxRows : 2_000_000_000,
    ],
  );
  return rows.length > 0;
}

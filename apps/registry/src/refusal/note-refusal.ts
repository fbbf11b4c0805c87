import type { Actor } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import type { DataSource } from 'typeorm';

/**
 * What was refused.
 *
 *   login failed    wrong e-mail or password
 *   login limited   not looked at, because too many failed before
 *   call denied     a call that the account's API role does not allow
 */
export type RefusalKind = 'login failed' | 'login limited' | 'call denied';

/** One refusal. An account that is not known has no words here: what was typed as an e-mail may be a password. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly account: { readonly id: string; readonly email: string } | undefined;
  /** As `addressKey` has it. */
  readonly address: string;
  /** Id of the operation that was called. */
  readonly operation?: string;
}

/** Rows of one kind in one minute. Beyond, each account has one row more, so that what is done to it is never hidden behind others, and the rest is one row with a count. */
const MOST_OF_A_MINUTE = 50;
const MOST_WITH_ACCOUNTS = 250;
/** Address of those rows. */
const OTHERS = 'others';

/** Counts a refusal of this minute: one row for alike ones, so that a flood cannot grow the table. */
export async function noteRefusal(database: DataSource, refusal: Refusal): Promise<void> {
  const { kind, account } = refusal;
  if (await upsert(database, refusal, MOST_OF_A_MINUTE)) return;
  if (account && (await upsert(database, { kind, account, address: OTHERS }, MOST_WITH_ACCOUNTS))) return;
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

async function upsert(database: DataSource, { kind, account, address, operation }: Refusal, most: number): Promise<boolean> {
  const rows = await database.query<unknown[]>(
    `insert into refusal as r (minute, kind, account_id, account_email, address, operation)
       select m.minute, $1, $2::uuid, $3, $4, $5
         from (select date_trunc('minute', now()) as minute) m
        where (select count(*) from refusal o where o.minute = m.minute and o.kind = $1) < $6
           or exists (select 1 from refusal o where o.minute = m.minute and o.kind = $1 and o.account_id is not distinct from $2::uuid
                         and o.address = $4 and o.operation = $5)
     on conflict on constraint refusal_counted_once do update set count = r.count + 1
     returning 1`,
    [kind, account?.id ?? null, account?.email ?? '', address, operation ?? '', Number.isFinite(most) ? most : 2_000_000_000],
  );
  return rows.length > 0;
}

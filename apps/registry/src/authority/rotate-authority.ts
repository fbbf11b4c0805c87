import { ProblemError, SETTINGS_ID } from '@sluice/contracts';
import { type AuthorityStep, nextAuthorityStep } from '@sluice/domain';
import { endorseNext, endorsePrevious, fingerprintOf, sealText } from '@sluice/identity';
import { createAuthority } from '@sluice/identity/authority';
import type { EntityManager } from 'typeorm';
import type { Change } from '../change/change.js';
import { type AuthorityRow, AuthoritySet, openKey } from './authority-set.js';

/** Certificates are valid for a day at most. */
const LONGEST_CERTIFICATE_MS = 24 * 3600_000;
/** How far the clock of who signs may be ahead: that of a relay that renews is refused if it is further. */
const CLOCK_MARGIN_MS = 5 * 60_000;

/**
 * Makes the next authority, which the present one endorses, so that whoever trusts the present one can check it.
 * If there is a next one already, nothing changes.
 * @param sealKey encrypts the keys of authorities. Secret
 * @throws ProblemError 409 while the former one is not retired
 */
export async function prepareAuthorityIn(change: Change, sealKey: Buffer): Promise<void> {
  const set = await readLocked(change.tx);
  if (set.in('next')) return;
  mustBe('prepare', set);
  const { current } = set;
  const [organization] = await change.tx.query<{ id: string }[]>('select id from organization');
  const made = await createAuthority(organization?.id as string, new Date());
  const fingerprint = fingerprintOf(made.certificatePem);
  const endorsed = endorseNext(openKey(current, sealKey).key, current.fingerprint, fingerprint);
  await change.tx.query(
    `insert into authority (fingerprint, number, state, certificate, key_sealed) values ($1, $2, 'next', $3, $4)`,
    [fingerprint, current.number + 1, made.certificatePem, sealText(made.privatePem, sealKey)],
  );
  await change.tx.query('update authority set endorses_next = $2 where fingerprint = $1', [current.fingerprint, endorsed]);
  await record(change, 'prepared', fingerprint, null, { state: 'next' });
}

/**
 * Lets the next authority sign, and deletes the key of the one that has signed until now, which the new one endorses for as long as
 * certificates of it are valid. If that was done already, nothing changes.
 * @param sealKey decrypts the keys of authorities. Secret
 * @throws ProblemError 409 if none was prepared
 */
export async function switchAuthorityIn(change: Change, sealKey: Buffer): Promise<void> {
  const set = await readLocked(change.tx);
  const next = set.in('next');
  if (!next && set.in('former')) return;
  mustBe('switch', set);
  const { current } = set;
  const { fingerprint } = next as AuthorityRow;
  const at = new Date();
  const until = new Date(at.getTime() + LONGEST_CERTIFICATE_MS + CLOCK_MARGIN_MS);
  const endorses = endorsePrevious(
    openKey(next as AuthorityRow, sealKey).key,
    fingerprint,
    current.fingerprint,
    until.toISOString(),
  );
  await change.tx.query("update authority set state = 'former', key_sealed = null, accepted_until = $2 where fingerprint = $1", [
    current.fingerprint,
    until,
  ]);
  await change.tx.query(
    "update authority set state = 'current', switched_at = $2, endorses_previous = $3 where fingerprint = $1",
    [fingerprint, at, endorses],
  );
  // an earlier release reads the authority that signs here
  await change.tx.query(
    'update organization set ca_certificate = a.certificate, ca_key_sealed = a.key_sealed from authority a where a.fingerprint = $1',
    [fingerprint],
  );
  await record(change, 'switched', fingerprint, { signs: current.fingerprint }, { signs: fingerprint });
}

/**
 * Retires the former authority: its certificates and the secrets that pin it are not accepted any more. The one that signs confirms
 * when, with a margin for clocks that are ahead, so that what was signed before can be verified later. If that was done already,
 * nothing changes.
 * @throws ProblemError 409 if there is none
 */
export async function retireAuthorityIn(change: Change, sealKey: Buffer): Promise<void> {
  const set = await readLocked(change.tx);
  const former = set.in('former');
  if (!former && !set.in('next') && set.retired.length > 0) return;
  mustBe('retire', set);
  const { current } = set;
  const { fingerprint, accepted_until } = former as AuthorityRow;
  const at = new Date();
  const until = new Date(Math.min(at.getTime() + CLOCK_MARGIN_MS, (accepted_until as Date).getTime()));
  const endorses = endorsePrevious(openKey(current, sealKey).key, current.fingerprint, fingerprint, until.toISOString());
  await change.tx.query("update authority set state = 'retired', retired_at = $2, accepted_until = $3 where fingerprint = $1", [
    fingerprint,
    at,
    until,
  ]);
  await change.tx.query('update authority set endorses_previous = $2 where fingerprint = $1', [current.fingerprint, endorses]);
  await record(change, 'retired', fingerprint, { state: 'former' }, { state: 'retired' });
}

/** Reads the authorities while nobody else can rotate them. The row of the organization is locked, because a lock on those that exist would not show one that was added meanwhile. */
export async function readLocked(tx: EntityManager): Promise<AuthoritySet> {
  await tx.query('select from organization for update');
  return AuthoritySet.read(tx);
}

async function record(change: Change, verb: string, fingerprint: string, before: unknown, after: unknown): Promise<void> {
  await change.record(verb, { kind: 'authority', id: fingerprint, name: fingerprint.slice(0, 16) }, before, after);
  await change.touch('settings', SETTINGS_ID); // nodes read the authorities with the settings
}

const WHY: Record<AuthorityStep, string> = {
  prepare: 'no rotation is under way: prepare the next authority first',
  switch: 'the next authority does not sign yet: switch to it first',
  retire: 'the former authority is still accepted: retire it first',
};

/** @throws ProblemError 409 if another step is due */
function mustBe(asked: AuthorityStep, { all }: AuthoritySet): void {
  const due = nextAuthorityStep(all.map(({ state }) => state));
  if (due !== asked) throw new ProblemError(409, 'authority_step_invalid', WHY[due]);
}

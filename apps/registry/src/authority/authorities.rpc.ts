import { X509Certificate } from 'node:crypto';
import { Controller } from '@nestjs/common';
import {
  type Authorities,
  MAX_AWAITED,
  prepareAuthority,
  ProblemError,
  retireAuthority,
  showAuthorities,
  switchAuthority,
} from '@sluice/contracts';
import { nextAuthorityStep } from '@sluice/domain';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource, type EntityManager } from 'typeorm';
import { Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import { Presence } from '../presence/presence.js';
import { AuthoritySet, openKey, recordOf } from './authority-set.js';
import { findAwaited } from './find-awaited.js';
import { prepareAuthorityIn, readLocked, retireAuthorityIn, switchAuthorityIn } from './rotate-authority.js';

/** How many names a refusal has. */
const MAX_NAMED = 5;

/** Handles the operations on the certificate authorities of the installation. */
@Controller()
export class AuthoritiesRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly config: RegistryConfig,
    private readonly presence: Presence,
  ) {}

  @Answers(showAuthorities)
  show() {
    return this.shown(this.database.manager);
  }

  @Answers(prepareAuthority)
  prepare(call: Call<typeof prepareAuthority>) {
    return this.changes.makeFor(prepareAuthority, call, async (change) => {
      await prepareAuthorityIn(change, this.config.caSealKey);
      return this.shown(change.tx);
    });
  }

  @Answers(switchAuthority)
  switch(call: Call<typeof switchAuthority>) {
    return this.changes.makeFor(switchAuthority, call, async (change) => {
      if (!call.input.force) await this.assertNobodyAwaited(change.tx, 'next');
      await switchAuthorityIn(change, this.config.caSealKey);
      return this.shown(change.tx);
    });
  }

  @Answers(retireAuthority)
  retire(call: Call<typeof retireAuthority>) {
    return this.changes.makeFor(retireAuthority, call, async (change) => {
      if (!call.input.force) await this.assertNobodyAwaited(change.tx, 'former');
      await retireAuthorityIn(change, this.config.caSealKey);
      return this.shown(change.tx);
    });
  }

  private async shown(tx: EntityManager): Promise<Authorities> {
    const set = await AuthoritySet.read(tx);
    openKey(set.current, this.config.caSealKey); // auditors take the one that is shown as signing for genuine
    const { nodes, agents, awaited } = await findAwaited(tx, this.presence, set);
    return {
      authorities: set.newest.map((row) => ({
        ...recordOf(row),
        fingerprint: row.fingerprint,
        state: row.state,
        preparedAt: row.prepared_at.toISOString(),
        switchedAt: row.switched_at?.toISOString() ?? null,
        expiresAt: new Date(new X509Certificate(row.certificate).validTo).toISOString(),
      })),
      step: nextAuthorityStep(set.all.map(({ state }) => state)),
      nodes,
      agents,
      awaited: awaited.slice(0, MAX_AWAITED),
      awaitedCount: awaited.length,
    };
  }

  /** @throws ProblemError 409 that names some of those that the step would harm. Whether the step is due at all is checked by the step. */
  private async assertNobodyAwaited(tx: EntityManager, of: 'next' | 'former'): Promise<void> {
    const set = await readLocked(tx);
    if (!set.in(of)) return;
    const blocking = (await findAwaited(tx, this.presence, set)).awaited.filter(({ blocks }) => blocks);
    if (blocking.length === 0) return;
    const named = blocking.slice(0, MAX_NAMED).map(({ kind, name, why }) => `${kind} ${name} ${why}`);
    const more = blocking.length > MAX_NAMED ? `; and ${blocking.length - MAX_NAMED} more` : '';
    throw new ProblemError(409, 'authority_in_use', `not yet: ${named.join('; ')}${more}`);
  }
}

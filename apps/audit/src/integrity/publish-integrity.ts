import { AUDIT_METRICS, type IntegrityFound, integritySubject } from '@sluice/contracts';
import type { IntegrityKind } from '@sluice/domain';
import type { FactChain } from '@sluice/messaging';
import { counterOf } from '@sluice/process';
import type { DataSource } from 'typeorm';

interface IntegrityRow {
  id: string;
  kind: IntegrityKind;
  author: string;
  detail: Record<string, unknown>;
  /** How many findings the row stands for, and the last of them if there are several. */
  findings: string;
  last: Record<string, unknown> | null;
  at: Date;
}

const AT_ONCE = 100;

const found = counterOf(AUDIT_METRICS.findings);

/**
 * Publishes integrity findings in this process's chain, oldest first. A row is locked while it is published, so that several
 * copies of this service do not publish it twice. After a crash between publishing and commit it is published again, with the
 * same row id as its subject.
 */
export async function publishIntegrity(database: DataSource, chain: FactChain): Promise<void> {
  for (let published = 0; published < AT_ONCE; published++) {
    const more = await database.transaction(async (tx) => {
      const [row] = await tx.query<IntegrityRow[]>(
        'select * from integrity where published_at is null and due_at <= now() order by due_at limit 1 for update skip locked',
      );
      if (!row) return false;
      const { id, kind, author, findings, last, at } = row;
      const detail = last === null ? row.detail : { ...row.detail, more: { findings: Number(findings) - 1, last } };
      const data: IntegrityFound = { kind, author: author === '' ? null : author, detail, at: at.toISOString() };
      await chain.publish(id, { subject: integritySubject(kind), about: id, at, data });
      await tx.query('update integrity set published_at = now() where id = $1', [id]);
      found.inc({ kind }, Number(findings));
      return true;
    });
    if (!more) return;
  }
}

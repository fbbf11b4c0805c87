import { type Envelope, factType, type IntegrityFound, type IntegrityKind, integritySubject } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { DataSource } from 'typeorm';

interface IntegrityRow {
  id: string;
  kind: IntegrityKind;
  author: string;
  detail: Record<string, unknown>;
  at: Date;
}

/** Publishes what was found wrong with facts, oldest first. A repeat has the same bytes, so it counts once. */
export async function publishIntegrity(database: DataSource, bus: Bus): Promise<void> {
  const rows = await database.query<IntegrityRow[]>('select * from integrity where published_at is null order by at limit 100');
  for (const { id, kind, author, detail, at } of rows) {
    const data: IntegrityFound = { kind, author: author === '' ? null : author, detail, at: at.toISOString() };
    const subject = integritySubject(kind);
    const fact: Envelope = {
      specversion: '1.0',
      id,
      source: 'sluice://audit',
      type: factType(subject),
      time: data.at,
      datacontenttype: 'application/json',
      data,
    };
    await bus.publishFact(subject, new TextEncoder().encode(JSON.stringify(fact)));
    await database.query('update integrity set published_at = now() where id = $1', [id]);
  }
}

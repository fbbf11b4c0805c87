import { randomUUID } from 'node:crypto';
import {
  type AuditHeartbeat,
  type Envelope,
  type FactsWaiting,
  factType,
  AUDIT_HEARTBEAT,
  AUDIT_HEARTBEAT_INTERVAL_MS,
} from '@sluice/contracts';
import type { DataSource } from 'typeorm';

/**
 * Publishes a heartbeat if the last one is a minute old. Its row is locked meanwhile, so that of several copies of this service
 * one publishes it, and it is written before, so that there is no heartbeat while the database accepts no facts.
 * @param send publishes a fact, and throws if JetStream has not stored it; the heartbeat is then due again
 */
export async function publishHeartbeat(
  database: DataSource,
  waiting: FactsWaiting,
  send: (subject: string, bytes: Uint8Array) => Promise<unknown>,
): Promise<void> {
  const through = waiting.from - 1;
  await database.transaction(async (tx) => {
    const [due] = await tx.query<{ through: string }[]>(
      'select through from heartbeat where at <= now() - make_interval(secs => $1) or at > now() for update skip locked', // `at` is in the future after the clock was put back
      [AUDIT_HEARTBEAT_INTERVAL_MS / 1000],
    );
    if (!due) return;
    await tx.query('update heartbeat set at = now(), through = $1', [through]);
    const at = new Date().toISOString();
    const data: AuditHeartbeat = {
      at,
      through,
      before: Math.min(Number(due.through), through), // a stream that was lost begins again at 1
      waiting: Math.max(waiting.to - through, 0),
    };
    const envelope: Envelope = {
      specversion: '1.0',
      id: randomUUID(),
      source: 'sluice://audit',
      type: factType(AUDIT_HEARTBEAT),
      time: at,
      datacontenttype: 'application/json',
      data,
    };
    await send(AUDIT_HEARTBEAT, Buffer.from(JSON.stringify(envelope)));
  });
}

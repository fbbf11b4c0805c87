import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditEvent } from '../event/audit-event.js';

/** An event that says that it is a test. No subject of Sluice's and no number belong to it. */
export function testEvent(now: Date): AuditEvent {
  const id = `test-${randomUUID()}`;
  const type = 'sluice.export.test.v1';
  const fields = {
    specversion: '1.0',
    id,
    source: `sluice://export/${encodeURIComponent(hostname())}`,
    type,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    data: { test: true, message: "This is a test of Sluice's export. Nothing has happened." },
  };
  return { number: 0, subject: 'export.test', id, type, time: now, storedAt: now, json: JSON.stringify(fields), fields };
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { OCSF_CLASSES, OCSF_STREAM, OCSF_VERSION } from '@sluice/contracts';
import { RELEASE } from '@sluice/domain';
import type { AuditEvent } from '../event/audit-event.js';

const TYPE = 'sluice.export.test.v1';
const MESSAGE = "This is a test of Sluice's export. Nothing has happened.";

/** An event that says that it is a test, in the form of the stream's events. No subject of Sluice's and no number belong to it. */
export function testEvent(now: Date, stream: string): AuditEvent {
  const id = `test-${randomUUID()}`;
  const fields = stream === OCSF_STREAM ? ocsfTest(id, now) : cloudEventTest(id, now);
  return { number: 0, subject: 'export.test', id, type: TYPE, time: now, storedAt: now, json: JSON.stringify(fields), fields };
}

const cloudEventTest = (id: string, now: Date) => ({
  specversion: '1.0',
  id,
  source: `sluice://export/${encodeURIComponent(hostname())}`,
  type: TYPE,
  time: now.toISOString(),
  datacontenttype: 'application/json',
  data: { test: true, message: MESSAGE },
});

function ocsfTest(id: string, now: Date) {
  const { uid, category, caption } = OCSF_CLASSES.base_event;
  return {
    metadata: {
      version: OCSF_VERSION,
      uid: id,
      event_code: TYPE,
      labels: ['test'],
      product: { name: 'Sluice', vendor_name: 'Sluice', version: RELEASE, feature: { name: 'export' } },
    },
    category_uid: category,
    class_uid: uid,
    class_name: caption,
    activity_id: 99,
    activity_name: 'Test',
    type_uid: uid * 100 + 99,
    time: now.getTime(),
    severity_id: 1,
    severity: 'Informational',
    message: MESSAGE,
    unmapped: { test: true },
  };
}

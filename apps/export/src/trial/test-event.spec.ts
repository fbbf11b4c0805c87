import { AUDIT_STREAM, OCSF_STREAM } from '@sluice/contracts';
import { checkOcsfEvent } from '@sluice/testing';
import { expect, it } from 'vitest';
import { severityOf } from '../event/event-kind.js';
import { testEvent } from './test-event.js';

const NOW = new Date('2026-11-27T09:00:00.000Z');

it('is a test in the form that the reader receives, and says so where people look', () => {
  const { fields, json, ...event } = testEvent(NOW, AUDIT_STREAM);
  expect(event).toMatchObject({ number: 0, subject: 'export.test', type: 'sluice.export.test.v1', time: NOW });
  expect(fields).toMatchObject({ specversion: '1.0', id: event.id, data: { test: true } });
  expect(JSON.parse(json)).toEqual(fields);

  const ocsf = testEvent(NOW, OCSF_STREAM);
  expect(ocsf.fields).toMatchObject({
    metadata: { uid: ocsf.id, labels: ['test'] },
    activity_name: 'Test',
    message: expect.stringContaining('a test'),
    unmapped: { test: true },
  });
  expect(checkOcsfEvent(ocsf.fields)).toEqual([]);
  expect(severityOf(ocsf)).toBe('informational');
});

import { expect, it } from 'vitest';
import { severityOf } from './event-kind.js';

it('says how urgent an event is by its subject, and takes the word of OCSF events alone', () => {
  const of = (subject: string, fields: Record<string, unknown> = {}) => severityOf({ subject, fields });
  expect(of('audit.v1.integrity.gap')).toBe('critical');
  expect(of('audit.v1.session.refused.default.node.resource')).toBe('warning');
  expect(of('audit.v1.activity.login.failed')).toBe('warning');
  expect(of('audit.v1.activity.login.failed2')).toBe('notice');
  expect(of('audit.v1.activity.user.added')).toBe('notice');
  expect(of('audit.v1.session.failed.default.node.resource')).toBe('notice');
  expect(of('audit.v1.session.closed.default.node.resource')).toBe('informational');
  expect(of('siem.v1.ocsf.detection_finding.create', { severity_id: 5 })).toBe('critical');
  expect(of('siem.v1.ocsf.detection_finding.create', { severity_id: 'x' })).toBe('informational');
  expect(of('audit.v1.integrity.gap', { severity_id: 1 })).toBe('critical');
});

import { expect, it } from 'vitest';
import { formatOfSubjects, parseEventSubjects, streamOfSubjects } from './event-subjects.js';

const parsed = (...patterns: string[]) => {
  const outcome = parseEventSubjects(patterns);
  return outcome.ok ? outcome.value : outcome.refusal.code;
};

it('is every event by default', () => expect(parsed()).toEqual(['audit.v1.>']));

it.each([
  ['audit.v1.>'],
  ['audit.v1.session.>', 'audit.v1.activity.>'],
  ['audit.v1.session.closed.>', 'audit.v1.session.opened.>', 'audit.v1.service.*.audit'],
  ['audit.v1.session.*.default.>', 'audit.v1.relay.head.*.*'],
  ['audit.v1.health.resource.*', 'audit.v1.health.other.*.*'],
])('accepts %s %s', (...patterns) => {
  const given = patterns.filter((pattern) => typeof pattern === 'string');
  expect(parsed(...given)).toEqual(given);
});

it.each([
  ...['', '>', 'audit', 'audit.>', 'audit.v1', 'audit.v2.>', 'audit.v1.session', 'audit.v1.secrets.>', '*.v1.session.>'],
  ...[
    'audit.v1.session.>.x',
    'audit.v1.session..x',
    'audit.v1.session.a b',
    'audit.v1.session.x*',
    '$JS.API.>',
    'stored.audit.v1.>',
  ],
  ...['audit.v1.session.\n', 'audit.v1.>.x', `audit.v1.session.${'x.'.repeat(300)}x`],
])('rejects %j', (pattern) => expect(parsed(pattern)).toBe('siem_subjects_invalid'));

it.each([
  ['audit.v1.>', 'audit.v1.session.>'],
  ['audit.v1.session.>', 'audit.v1.*.opened.>'],
  ['audit.v1.session.>', 'audit.v1.session.>'],
  ['audit.v1.session.*.default.>', 'audit.v1.session.opened.>'],
])('rejects %s beside %s, which match the same events', (one, other) => {
  expect(parsed(one, other)).toBe('siem_subjects_invalid');
});

it('rejects more patterns than a consumer should have', () => {
  const patterns = Array.from({ length: 21 }, (_, i) => `audit.v1.activity.kind${i}.>`);
  expect([parsed(...patterns), parsed(...patterns.slice(1))]).toEqual(['siem_subjects_invalid', patterns.slice(1)]);
});

it('is of one format, which follows from the subjects', () => {
  const ocsf = (...patterns: string[]) => {
    const outcome = parseEventSubjects(patterns, 'ocsf');
    return outcome.ok ? outcome.value : outcome.refusal.code;
  };
  expect(ocsf()).toEqual(['siem.v1.ocsf.>']);
  for (const pattern of ['siem.v1.ocsf.network_activity.*', 'siem.v1.ocsf.detection_finding.>', 'siem.v1.ocsf.*.create']) {
    expect([ocsf(pattern), parsed(pattern)]).toEqual([[pattern], 'siem_subjects_invalid']);
    expect([formatOfSubjects([pattern]), streamOfSubjects([pattern])]).toEqual(['ocsf', 'OCSF']);
  }
  for (const pattern of ['audit.v1.>', 'siem.v1.>', 'siem.v1.ocsf', 'siem.v1.ocsf.session.>', 'siem.v1.ocsfx.>'])
    expect([pattern, ocsf(pattern)]).toEqual([pattern, 'siem_subjects_invalid']);
  expect([formatOfSubjects(['audit.v1.>']), streamOfSubjects(['audit.v1.>'])]).toEqual(['cloudevents', 'AUDIT']);
});

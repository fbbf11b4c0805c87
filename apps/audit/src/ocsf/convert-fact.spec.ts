import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asyncApiDocument, FIRST_PREVIOUS, OCSF_CLASSES, OCSF_VERSION, type OcsfClass, OcsfEvent } from '@sluice/contracts';
import { INTEGRITY_KINDS } from '@sluice/domain';
import { checkOcsfEvent, ocsfSchema } from '@sluice/testing';
import { describe, expect, it } from 'vitest';
import { convertFact } from './convert-fact.js';

const LARGEST = 1024 * 1024;
const node = '6c0ffee0-0000-4000-8000-000000000001';
const resource = '5e10e000-0000-4000-8000-000000000002';
const id = '7f0b3c1e-0000-4000-8000-000000000003';
const at = '2026-11-27T09:00:00.250Z';
const AT = Date.parse(at);
const STORED = new Date('2026-11-27T09:00:01.000Z');
const by = { id: 'a1', email: 'admin@example.test' };

const beginning = {
  sessionId: id,
  requestId: id,
  attempt: 1,
  account: { id: 'u1', email: 'ann@example.test' },
  loginId: 'l1',
  resource: { id: resource, name: 'orders db', endpoint: 'db.internal:5432', tags: { env: 'prod' } },
  cluster: 'default',
  relay: { id: node, name: 'relay-1' },
  gateway: 'g1',
  clientAddress: '[2001:db8:0:0:0:0:0:7]:50123',
  sharedListener: false,
  rule: 'role staff',
  startedAt: at,
};
const ended = { endedAt: '2026-11-27T09:00:02.250Z', durationMs: 1999.7, message: 'why it ended' };
const attempt = { ...beginning, ...ended, dialledAddress: null, endReason: 'no grant', repeats: 3 };
const closed = {
  ...ended,
  sessionId: id,
  endReason: 'client closed',
  bytesUp: 5,
  bytesDown: 7,
  exactness: 'exact',
  agent: null,
  endedBy: null,
  revocationMs: null,
};
const head = { through: 3, hash: 'a'.repeat(64), at, certificate: 'AAAA', signature: `${'A'.repeat(86)}==` };
const unanswered = {
  id,
  account: { id: 'u1', email: 'ann@example.test' },
  resource: { id: resource, name: 'orders db' },
  receivedAt: at,
  repeats: 2,
  agent: { requestId: id, attempt: 1, reason: 'no relay', message: 'nobody answered', startedAt: at },
};
const activity = (kind: string, verb: string, more: object = {}) => ({
  id,
  at,
  actor: by,
  requestId: 'r1',
  verb,
  object: { kind, id: 'o1', name: 'thing' },
  before: { name: 'a' },
  after: { name: 'b' },
  ...more,
});
const refusal = { before: null, after: { minute: '2026-11-27T08:59:00.000Z', address: '192.0.2.7', count: 4 } };
const signIn = { object: { kind: 'login', id: 'l1', name: 'ann@example.test' }, before: null };

/** Every kind of fact, with the subject of its event. */
const SAMPLES: readonly (readonly [subject: string, data: unknown, expected: string])[] = [
  [
    `audit.v1.session.opened.default.${node}.${resource}`,
    { ...beginning, dialledAddress: '10.1.2.3:5432' },
    'network_activity.open',
  ],
  [
    `audit.v1.session.checkpoint.default.${node}.${resource}`,
    { sessionId: id, at, bytesUp: 1, bytesDown: 2, durationMs: 5000 },
    'network_activity.traffic',
  ],
  [`audit.v1.session.closed.default.${node}.${resource}`, closed, 'network_activity.close'],
  [`audit.v1.session.closed.default.${node}.${resource}`, { ...closed, endReason: 'client reset' }, 'network_activity.reset'],
  [
    `audit.v1.session.closed.default.${node}.${resource}`,
    { ...closed, endReason: 'operator ended', endedBy: { ...by, why: 'a reason' }, revocationMs: 12.5 },
    'network_activity.reset',
  ],
  [`audit.v1.session.closed.default.${node}.${resource}`, { ...closed, endReason: 'link lost' }, 'network_activity.reset'],
  [`audit.v1.session.refused.default.${node}.${resource}`, attempt, 'network_activity.refuse'],
  [`audit.v1.session.failed.default.${node}.${resource}`, { ...attempt, endReason: 'dial timeout' }, 'network_activity.fail'],
  [
    `audit.v1.session.failed.default.${node}.${resource}`,
    { ...attempt, endReason: 'connect refused' },
    'network_activity.refuse',
  ],
  [
    `audit.v1.session.refused.default.${node}.several`,
    {
      ...attempt,
      account: { id: 'u1', email: null },
      loginId: 'several',
      resource: { id: 'several', name: null, endpoint: null, tags: null },
      clientAddress: null,
      gateway: null,
      rule: null,
    },
    'network_activity.refuse',
  ],
  [`audit.v1.attempt.unanswered.${resource}`, unanswered, 'network_activity.fail'],
  [
    `audit.v1.relay.started.default.${node}`,
    { relay: { id: node, name: 'relay-1' }, cluster: 'default', journal: 'persistent' },
    'application_lifecycle.start',
  ],
  [`audit.v1.relay.head.default.${node}`, head, 'base_event.head'],
  ['audit.v1.service.head.registry', head, 'base_event.head'],
  ['audit.v1.service.started.registry', { service: 'registry' }, 'application_lifecycle.start'],
  ['audit.v1.service.heartbeat.audit', { at, through: 9, before: 4, waiting: 1 }, 'base_event.heartbeat'],
  [
    'audit.v1.service.dropped.audit',
    {
      author: 'registry',
      incarnation: 'i',
      through: 7,
      hash: 'a'.repeat(64),
      facts: 7,
      records: 0,
      at,
      certificate: 'AAAA',
      signature: `${'A'.repeat(86)}==`,
    },
    'base_event.dropped',
  ],
  [`audit.v1.health.resource.${resource}`, { resourceId: resource, state: 'unhealthy', why: 'refused', at }, 'base_event.health'],
  [`audit.v1.health.resource.${resource}`, { resourceId: resource, state: 'healthy', why: null, at }, 'base_event.health'],
  ...INTEGRITY_KINDS.map((kind) => {
    const data = { kind, author: kind === 'foreign' ? null : node, detail: { number: 4, nothing: null }, at };
    return [`audit.v1.integrity.${kind}`, data, 'detection_finding.create'] as const;
  }),
  [
    'audit.v1.activity.login.opened',
    activity('login', 'opened', { ...signIn, after: { expiresAt: '2026-11-27T21:00:00.000Z', address: '192.0.2.7' } }),
    'authentication.logon',
  ],
  ['audit.v1.activity.login.ended', activity('login', 'ended', { ...signIn, after: null }), 'authentication.logoff'],
  ['audit.v1.activity.login.failed', activity('login', 'failed', { ...signIn, ...refusal }), 'authentication.logon'],
  [
    'audit.v1.activity.login.limited',
    activity('login', 'limited', { ...refusal, object: { kind: 'login', id: 'unknown', name: null } }),
    'authentication.logon',
  ],
  ...(
    [
      ['servers.list', 'read'],
      ['servers.add', 'create'],
      ['users.suspend', 'update'],
      ['servers.delete', 'delete'],
      ['others', 'other'],
    ] as const
  ).map(([operation, verb]) => {
    const data = activity('call', 'denied', { ...refusal, object: { kind: 'call', id: operation, name: null } });
    return ['audit.v1.activity.call.denied', data, `api_activity.${verb}`] as const;
  }),
  ...(
    [
      ['server', 'added', 'create'],
      ['server', 'updated', 'update'],
      ['server', 'deleted', 'delete'],
      ['user', 'added', 'create'],
      ['user', 'updated', 'update'],
      ['user', 'suspended', 'suspend'],
      ['user', 'resumed', 'resume'],
      ['user', 'deleted', 'delete'],
      ['user', 'password-changed', 'update'],
      ['user', 'password-set', 'update'],
      ['user', 'password-reset', 'update'],
      ['role', 'added', 'create'],
      ['role', 'updated', 'update'],
      ['role', 'deleted', 'delete'],
      ['role', 'granted', 'update'],
      ['role', 'revoked', 'update'],
      ['role', 'assigned', 'update'],
      ['role', 'unassigned', 'update'],
      ['node', 'enrolled', 'enroll'],
      ['node', 'registered', 'create'],
      ['node', 'moved', 'move'],
      ['node', 'updated', 'update'],
      ['node', 'drained', 'deactivate'],
      ['node', 'undrained', 'activate'],
      ['node', 'deleted', 'delete'],
      ['node-token', 'created', 'create'],
      ['cluster', 'added', 'create'],
      ['cluster', 'updated', 'update'],
      ['cluster', 'deleted', 'delete'],
      ['cluster-key', 'created', 'create'],
      ['cluster-key', 'revoked', 'delete'],
      ['settings', 'updated', 'update'],
      ['session', 'ended', 'deactivate'],
      ['siem-reader', 'created', 'create'],
      ['siem-reader', 'rotated', 'update'],
      ['siem-reader', 'replayed', 'update'],
      ['siem-reader', 'deleted', 'delete'],
      ['newer', 'constructor', 'other'],
    ] as const
  ).map(([kind, verb, expected]) => {
    const data = activity(
      kind,
      verb,
      verb === 'assigned' ? { member: { kind: 'user', id: 'u1', name: 'ann@example.test' } } : {},
    );
    return [`audit.v1.activity.${kind}.${verb}`, data, `entity_management.${expected}`] as const;
  }),
];

const isOfRelay = (subject: string): boolean => /^audit\.v1\.(session|relay)\./.test(subject);
const envelopeOf = (subject: string, data: unknown, more: object = {}) => ({
  specversion: '1.0',
  id: `${id}-42`,
  source: isOfRelay(subject) ? `sluice://relay/${node}` : `sluice://${serviceOf(subject)}`,
  type: 'whatever',
  time: at,
  datacontenttype: 'application/json',
  ...(isOfRelay(subject) ? { node } : {}),
  ...(subject.endsWith('heartbeat.audit') ? {} : { incarnation: id }),
  ...(/heartbeat|checkpoint/.test(subject) ? {} : { number: 42, previous: FIRST_PREVIOUS }),
  data,
  ...more,
});
const serviceOf = (subject: string): string =>
  /\.service\.\w+\.(\w+)/.exec(subject)?.[1] ??
  (/^audit\.v1\.(integrity|health)\./.exec(subject)?.[1] ?? 'registry').replace('integrity', 'audit');

function convert(subject: string, body: unknown, largest = LARGEST) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const converted = convertFact({ subject, bytes, number: 4711, storedAt: STORED }, largest);
  const event = OcsfEvent.parse(JSON.parse(Buffer.from(converted.bytes).toString()));
  expect([subject, checkOcsfEvent(event)]).toEqual([subject, []]);
  return { ...converted, event: event as typeof event & Record<string, unknown> };
}
const converted = (subject: string, data: unknown, more: object = {}) => convert(subject, envelopeOf(subject, data, more)).event;
const sample = (part: string) => SAMPLES.find(([subject]) => subject.includes(part)) as (typeof SAMPLES)[number];

describe.each(SAMPLES)('%s', (subject, data, expected) => {
  it(`becomes ${expected}, as the schema defines it`, () => {
    const { subject: to, event, bytes } = convert(subject, envelopeOf(subject, data));
    expect(to).toBe(`siem.v1.ocsf.${expected}`);
    expect(event).toMatchObject({
      metadata: { uid: `${id}-42`, original_event_uid: `${id}-42`, sequence: 4711, logged_time: STORED.getTime() },
      time: AT,
      unmapped: { subject },
    });
    expect(convert(subject, envelopeOf(subject, data)).bytes).toEqual(bytes); // the same fact gives the same bytes
  });
});

it('has a conversion for every kind of fact that the documents list', () => {
  const subjects = SAMPLES.map(([subject]) => subject);
  const channels = Object.entries(asyncApiDocument()['channels'] as Record<string, { address: string }>);
  for (const [, { address }] of channels.filter(([name]) => !name.startsWith('ocsf.'))) {
    const pattern = new RegExp(`^${address.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^.]+')}$`);
    expect([address, subjects.some((subject) => pattern.test(subject))]).toEqual([address, true]);
  }
  const text = readFileSync(path.join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'facts.md'), 'utf8');
  const words = [...text.matchAll(/^\| (`audit\.v1\.[^|]*)\|/gm)].flatMap(
    ([, cell = '']) => cell.match(/(?<=`)[\w.<>-]+(?=`)/g) ?? [],
  );
  expect(words.length).toBeGreaterThan(20);
  for (const word of words.map((given) => given.replace(/<.*|\.\.\.$/, '')))
    expect([word, subjects.some((subject) => subject.includes(word))]).toEqual([word, true]);
});

it('uses the numbers and names of the schema', () => {
  expect(OCSF_VERSION).toBe(ocsfSchema.version);
  for (const [name, { uid, category, activities }] of Object.entries(OCSF_CLASSES) as [
    OcsfClass,
    (typeof OCSF_CLASSES)[OcsfClass],
  ][]) {
    const known = ocsfSchema.classes[name];
    expect([name, known?.uid, known?.category]).toEqual([name, uid, category]);
    for (const [id, caption] of Object.values(activities) as [number, string][])
      if (id !== 99) expect([name, known?.attributes['activity_id']?.enum?.[id]]).toEqual([name, caption]);
  }
});

it('says who connected from where to what, and joins the events of a session by its id', () => {
  const [subject, data] = sample('session.opened');
  expect(converted(subject, data)).toMatchObject({
    class_name: 'Network Activity',
    status_id: 1,
    actor: { user: { uid: 'u1', name: 'ann@example.test', email_addr: 'ann@example.test' }, session: { uid: 'l1' } },
    src_endpoint: { ip: '2001:db8:0:0:0:0:0:7', port: 50123, owner: { uid: 'u1' } },
    dst_endpoint: { uid: resource, name: 'orders db', hostname: 'db.internal', ip: '10.1.2.3', port: 5432 },
    proxy_endpoint: { uid: node, name: 'relay-1' },
    connection_info: { uid: id, protocol_name: 'tcp' },
    policy: { name: 'role staff' },
    disposition: 'Allowed',
    message: 'ann@example.test connected to orders db',
  });
  const end = converted(sample('session.closed')[0], sample('session.closed')[1]);
  expect(end).toMatchObject({
    metadata: { correlation_uid: id },
    dst_endpoint: { uid: resource },
    traffic: { bytes_out: 5, bytes_in: 7, bytes: 12 },
    duration: 2000,
    start_time: Date.parse(ended.endedAt) - 2000,
    end_time: Date.parse(ended.endedAt),
    connection_info: { uid: id },
    unmapped: { exactness: 'exact', number: 42, previous: FIRST_PREVIOUS },
  });
  const [traffic, soFar] = sample('checkpoint');
  const running = converted(traffic, soFar);
  expect(running).toMatchObject({ cumulative_traffic: { bytes: 3 }, connection_info: { uid: id } });
  expect(running).not.toHaveProperty('traffic'); // the sum of `traffic` is what was carried
});

it('says what was denied and what was taken away', () => {
  const [subject, data] = sample('session.refused');
  expect(converted(subject, data)).toMatchObject({
    status_id: 2,
    disposition: 'Blocked',
    status_code: 'no grant',
    status_detail: 'why it ended',
    count: 3,
  });
  const revoked = { ...closed, endReason: 'grant ended' };
  expect(converted(sample('session.closed')[0], revoked)).toMatchObject({ disposition: 'Access Revoked', status_id: 1 });
  expect(converted(sample('session.failed')[0], { ...attempt, endReason: 'dial timeout' })).not.toHaveProperty('disposition');
});

it('has a head byte for byte, so that it can be verified', () => {
  const [subject, data] = sample('relay.head');
  const text = JSON.stringify(envelopeOf(subject, data), null, 1);
  expect(convert(subject, text).event['raw_data']).toBe(text);
});

it('takes an account without a usual e-mail address by its name only, and addresses that are none as a name', () => {
  const [subject, data] = sample('user.added');
  const local = { ...(data as object), actor: { id: 'a1', email: 'admin@localhost' } };
  expect(converted(subject, local)['actor']).toEqual({ user: { uid: 'a1', name: 'admin@localhost' } });
  const denied = activity('call', 'denied', {
    object: { kind: 'call', id: 'others', name: null },
    after: { address: 'others', count: 1 },
  });
  expect(converted('audit.v1.activity.call.denied', denied)['src_endpoint']).toEqual({ name: 'others' });
});

describe('a fact that is hostile', () => {
  const [subject, data] = sample('session.opened');
  const malformed = (of: string, body: unknown) => {
    const { subject: to, event } = convert(of, body);
    expect(to).toBe('siem.v1.ocsf.base_event.malformed');
    return event;
  };

  it('becomes an event that says so and repeats nothing of it, so that its number is not missing', () => {
    for (const body of ['', '{', 'null', '[]', '\u0000', '{"id":"x"}', JSON.stringify(envelopeOf(subject, 'no object'))])
      expect(malformed(subject, body)).toMatchObject({ metadata: { sequence: 4711 }, raw_data_hash: { algorithm: 'SHA-256' } });
    malformed(subject, `\uFEFF${JSON.stringify(envelopeOf(subject, data))}`); // a byte order mark is no JSON, here as in every verifier
    const secret = malformed(subject, envelopeOf(subject, { ...(data as object), attempt: 'SECRET' }));
    expect(JSON.stringify(secret)).not.toContain('SECRET');
    malformed(`audit.v1.session.opened.default.nobody.${resource}`, envelopeOf(subject, data));
    malformed('audit.v1.elsewhere.x', envelopeOf(subject, data));
    malformed(subject, envelopeOf(subject, { ...(data as object), relay: { id: resource, name: 'x'.repeat(600) } }));
    malformed(subject, envelopeOf(subject, data, { node: resource }));
  });

  it('is cleaned, and can neither choose its kind nor its time at will', () => {
    const odd = { ...(data as object), account: { id: 'u1', email: 'a\u202E\n@example.test' }, clientAddress: 'x'.repeat(600) };
    const event = converted(subject, odd, { type: 'sluice.activity.user.v1', time: 'x'.repeat(1000) });
    expect(event).toMatchObject({ metadata: { event_code: 'sluice.session.opened.v1' }, time: STORED.getTime() });
    expect(event['actor']).toMatchObject({ user: { name: 'a@example.test' } });
    expect(event).not.toHaveProperty('src_endpoint');
    const ends = { ...closed, endReason: 'no grant', durationMs: 1e12, bytesUp: Number.MAX_SAFE_INTEGER };
    expect(converted(sample('session.closed')[0], ends)).toMatchObject({
      status_id: 2,
      start_time: expect.any(Number) as number,
    });
    for (const address of [
      '1.2.3.4',
      '[::ffff:1.2.3.4]:1',
      `[${'0000:'.repeat(5)}ffff:255.255.255.255]:9`,
      '[::]:0',
      'host:99999',
      ':',
    ])
      converted(subject, { ...(data as object), clientAddress: address, dialledAddress: address });
  });

  it('is replaced by an event that says so if it is too long', () => {
    const long = { ...activity('server', 'updated'), before: 'x'.repeat(3000) };
    const body = envelopeOf('audit.v1.activity.server.updated', long);
    const { subject: to, bytes } = convert('audit.v1.activity.server.updated', body, 6000);
    expect([to, bytes.length < 2000]).toEqual(['siem.v1.ocsf.base_event.other', true]);
  });

  it('of a kind that a newer release publishes is passed on', () => {
    expect(converted('audit.v1.service.retired.registry', { a: 1 })).toMatchObject({
      activity_name: 'Other',
      unmapped: { data: { a: 1 } },
    });
  });
});

it('finds what is wrong with an event', () => {
  const { event } = convert(sample('session.opened')[0], envelopeOf(sample('session.opened')[0], sample('session.opened')[1]));
  const wrong = (change: object) => checkOcsfEvent({ ...event, ...change });
  expect(wrong({ severity_id: undefined })).toContain('severity_id: missing');
  expect(wrong({ severity_id: 7 })[0]).toContain('is not among');
  expect(wrong({ severity: 'Grave' })[0]).toContain('is called Informational');
  expect(wrong({ time: '2026' })).toEqual(['time: not a whole number']);
  expect(wrong({ surprise: 1 })).toEqual(['surprise: unknown']);
  expect(wrong({ class_uid: 4001, type_uid: 1 })).toEqual(['type_uid: not that of class and activity']);
  expect(wrong({ class_uid: 4999 })[0]).toContain('is not in the schema');
  expect(wrong({ proxy: {} })).toEqual(['proxy: deprecated since 1.1.0']);
  expect(wrong({ src_endpoint: { ip: 'x' } })[0]).toContain('is not of the type ip_t');
  expect(wrong({ src_endpoint: { port: 70000, uid: 'x' } })[0]).toContain('not from 0 to 65535');
  expect(wrong({ src_endpoint: { port: 1 } })[0]).toContain('at_least_one');
  expect(wrong({ src_endpoint: undefined, dst_endpoint: undefined })[0]).toContain('at_least_one');
  expect(wrong({ metadata: { ...event.metadata, profiles: ['host'] } })[0]).toContain('of the profile');
});

import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import {
  accountOfService,
  AUDIT_STREAM,
  BUS_CROSSINGS,
  BUS_SERVICES,
  bucketChanges,
  bucketStream,
  certifyAudit,
  certifyHealth,
  gatewayPresence,
  inboxPrefix,
  OCSF_STREAM,
  operationSubject,
  policyBucket,
  RELAY_LONGEST_MESSAGE,
  relayPermissions,
  relayPresence,
  servicePermissions,
  siemPermissions,
} from '@sluice/contracts';
import type { ServerInfo } from '@nats-io/transport-node';
import type { TestSystem } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BusUser, joinAsNewRelay, joinBus } from './join-bus.js';
import { sharedSystem } from './system.js';

let system: TestSystem;
const users = new Map<string, BusUser>();
let relayId: string;

beforeAll(async () => {
  system = await sharedSystem();
  for (const who of [...BUS_SERVICES, 'relay', 'siem'] as const) {
    const user = await joinBus(system.handle.home, who);
    users.set(user.name, user);
    if (who === 'relay') relayId = user.name;
  }
});
afterAll(async () => {
  for (const { connection } of users.values()) await connection.close();
});

/** Whether a subject that is a pattern allows a subject. */
function allows(patterns: readonly string[], subject: string): boolean {
  const words = subject.split('.');
  return patterns.some((pattern) => {
    const parts = pattern.split('.');
    for (let i = 0; i < parts.length; i++) {
      if (parts[i] === '>') return words.length > i;
      if (i >= words.length || (parts[i] !== '*' && parts[i] !== words[i])) return false;
    }
    return parts.length === words.length;
  });
}

function permissionsOf(name: string) {
  if (name === 'siem') return siemPermissions();
  return name === relayId ? relayPermissions(relayId, 'default') : servicePermissions(name as (typeof BUS_SERVICES)[number]);
}
const names = [...BUS_SERVICES, 'relay', 'siem'] as const;
const user = (name: (typeof names)[number]) => users.get(name === 'relay' ? relayId : name) as BusUser;

async function refused(of: BusUser, attempt: () => void): Promise<boolean> {
  of.errors.length = 0;
  attempt();
  await of.connection.flush();
  await new Promise(setImmediate); // the error arrives before the server's answer to the flush, and is handed over right after it
  return of.errors.some((error) => error.toLowerCase().includes('permissions violation'));
}

describe.each(names)('the bus user %s', (name) => {
  it('may neither publish nor subscribe to the subjects of others', async () => {
    const me = user(name);
    const own = permissionsOf(me.name);
    const everything = [...users.keys()].flatMap((other) => {
      const { publish, subscribe } = permissionsOf(other);
      return [...publish, ...subscribe, `${inboxPrefix(other)}.x`];
    });
    const subjects = [...new Set(everything.map((pattern) => pattern.replaceAll('*', 'x').replace('>', 'x.y')))];
    const publishable = subjects.filter((subject) => !allows(own.publish, subject));
    expect(publishable.length).toBeGreaterThan(10);
    for (const subject of publishable)
      expect([subject, await refused(me, () => me.connection.publish(subject, 'x'))]).toEqual([subject, true]);
    const hearable = subjects.filter((subject) => !subject.startsWith('$') && !allows(own.subscribe, subject));
    for (const subject of [...hearable, '_INBOX.>', '>', 'audit.v1.>', 'node.v1.>']) {
      if (allows(own.subscribe, subject)) continue;
      expect([subject, await refused(me, () => void me.connection.subscribe(subject, { callback: () => undefined }))]).toEqual([
        subject,
        true,
      ]);
    }
  });

  it("receives nothing of another user's inbox, and cannot delete or purge facts", async () => {
    const me = user(name);
    for (const other of users.values()) {
      if (other.name === me.name) continue;
      expect(
        await refused(me, () => void me.connection.subscribe(`${inboxPrefix(other.name)}.>`, { callback: () => undefined })),
      ).toBe(true);
    }
    for (const verb of ['DELETE', 'PURGE', 'MSG.DELETE']) {
      expect(await refused(me, () => me.connection.publish(`$JS.API.STREAM.${verb}.${AUDIT_STREAM}`, ''))).toBe(true);
    }
  });
});

it('does not let a relay speak for another node or cluster', async () => {
  const relay = user('relay');
  const other = '00000000-0000-4000-8000-000000000000';
  for (const subject of [
    `audit.v1.session.closed.default.${other}.x`,
    `audit.v1.session.closed.elsewhere.${relayId}.x`,
    relayPresence('default', other),
    relayPresence('elsewhere', relayId),
    gatewayPresence(relayId),
    '$KV.policy_default.account.x',
    'audit.v1.activity.user.added',
  ]) {
    expect([subject, await refused(relay, () => relay.connection.publish(subject, '{}'))]).toEqual([subject, true]);
  }
});

it('accepts a message as long as the longest fact of a relay, none that is longer, and a bounded number of subscriptions', async () => {
  const relay = await joinBus(system.handle.home, 'relay');
  const subject = `audit.v1.session.closed.default.${relayId}.x`;
  const answer = await relay.connection.request(subject, 'x'.repeat(RELAY_LONGEST_MESSAGE - 4096));
  expect(answer.json()).toMatchObject({ stream: AUDIT_STREAM });
  for (let i = 0; i < 200; i++) relay.connection.subscribe(`${inboxPrefix(relayId)}.${i}`, { callback: () => undefined });
  await expect.poll(() => relay.errors.join()).toMatch(/maximum subscriptions exceeded/i);
  (relay.connection.info as ServerInfo).max_payload = 1024 * 1024; // a compromised relay ignores the limit that the server announces
  relay.connection.publish(subject, 'x'.repeat(RELAY_LONGEST_MESSAGE + 1));
  await expect.poll(() => relay.errors.join()).toMatch(/maximum payload violation/i);
  await relay.connection.close();
});

it('does not let the gateways speak for a relay', async () => {
  const gateway = user('gateway');
  const subject = relayPresence('default', relayId);
  expect(await refused(gateway, () => gateway.connection.publish(subject, '{}'))).toBe(true);
});

it('lets each service have only its own key certified', async () => {
  for (const [name, operation] of [
    ['gateway', certifyAudit],
    ['gateway', certifyHealth],
    ['audit', certifyHealth],
    ['health', certifyAudit],
  ] as const) {
    const me = user(name);
    expect([name, await refused(me, () => me.connection.publish(operationSubject(operation), '{}'))]).toEqual([name, true]);
  }
});

/** Has each user subscribe to a subject on which nobody else would publish. @returns what was received there */
async function trap(subscribers: readonly BusUser[], mark: string) {
  const received: string[] = [];
  const subjects = subscribers.flatMap(({ name, connection }) =>
    permissionsOf(name)
      .subscribe.filter((pattern) => pattern.endsWith('.>'))
      .map((pattern) => {
        const subject = pattern.replaceAll('*', mark).replace('>', mark);
        connection.subscribe(subject, { callback: () => void received.push(`${name}: ${subject}`) });
        return subject;
      }),
  );
  for (const { connection } of subscribers) await connection.flush();
  return { received, subjects };
}

/** Requests of a user that the NATS server itself answers, on the reply subject. */
const questions = (of: BusUser): { subject: string; body: string }[] => [
  ...(of.name === relayId ? [{ subject: `audit.v1.session.closed.default.${relayId}.x`, body: 'this is no fact' }] : []),
  ...permissionsOf(of.name)
    .publish.filter((subject) => subject.startsWith('$JS.API.DIRECT.GET.') && !subject.endsWith(`.${OCSF_STREAM}`)) // nobody reads that one, so it does not exist
    .map((subject) => ({
      subject: subject.replace('*', bucketStream(policyBucket('default'))),
      body: JSON.stringify({ seq: 1, batch: 1, next_by_subj: '>' }),
    })),
];

/** What a user's account publishes to others as a stream: its user need not name it as a reply to have it delivered. */
const streamsOf = (name: (typeof names)[number]): string[] =>
  BUS_CROSSINGS.filter(
    ({ from, kind }) =>
      kind === 'stream' && from === (name === 'relay' ? 'relays' : name === 'siem' ? name : accountOfService(name)),
  ).map(({ subject }) => subject);

it.each(names)("cannot have a response of the server delivered to another account's subjects: %s", async (name) => {
  const me = user(name);
  const others = [...users.values()].filter((other) => other !== me && (name === 'siem' || other.name !== 'siem'));
  const { received, subjects } = await trap(others, `trap-${randomUUID()}`);
  expect(subjects.length).toBeGreaterThan(8);
  const own = [...permissionsOf(me.name).publish, ...streamsOf(name)];
  for (const { subject, body } of questions(me)) {
    for (const reply of subjects.filter((to) => !allows(own, to))) me.connection.publish(subject, body, { reply });
    const answer = await me.connection.request(subject, body); // it is answered, and so were those before it
    expect([0, 404]).toContain(answer.headers?.code ?? 0); // 404: a bucket that is empty
  }
  for (const other of others) await other.connection.flush();
  expect(received).toEqual([]);
});

it("cannot have a response of the server stored as another relay's fact", async () => {
  const other = randomUUID();
  const relay = user('relay');
  const reply = `audit.v1.session.closed.default.${other}.x`;
  for (const { subject, body } of questions(relay)) {
    relay.connection.publish(subject, body, { reply });
    await relay.connection.request(subject, body);
  }
  const manager = await jetstreamManager(user('siem').connection, { checkAPI: false });
  const stored = async () => {
    const query = { seq: 1, batch: 1, next_by_subj: `audit.v1.*.*.default.${other}.>` };
    for await (const message of await manager.direct.getBatch(AUDIT_STREAM, query)) return message.subject;
    return undefined;
  };
  await expect(stored()).rejects.toThrow(/not found/);
});

it('within one account, a response does reach the subject that was named, so the tests above can fail', async () => {
  const other = await joinAsNewRelay(system.handle.home);
  const reply = `${inboxPrefix(other.name)}.trap`;
  const received: string[] = [];
  other.connection.subscribe(reply, { callback: (_, message) => void received.push(message.subject) });
  await other.connection.flush();
  const relay = user('relay');
  for (const { subject, body } of questions(relay)) {
    relay.connection.publish(subject, body, { reply });
    await relay.connection.request(subject, body);
  }
  await other.connection.flush();
  await other.connection.close();
  expect(received).toContain(reply);
});

it.each(names)('cannot have JetStream called in the name of a service by a response: %s', async (name) => {
  const me = user(name);
  const key = `trap-${randomUUID()}`;
  const calls: string[] = [];
  const watch = (of: BusUser, bucket: string) =>
    of.connection.subscribe(bucketChanges(bucket), { callback: (_, { subject }) => void calls.push(subject) });
  watch(user('health'), 'health');
  watch(user('relay'), policyBucket('default'));
  await Promise.all([user('health'), user('relay')].map(({ connection }) => connection.flush()));
  const own = permissionsOf(me.name).publish;
  const replies = [`$KV.health.${key}`, `$KV.${policyBucket('default')}.${key}`];
  if (name !== 'audit') replies.push(`$JS.API.STREAM.DELETE.${AUDIT_STREAM}`); // whose stream it is
  for (const { subject, body } of questions(me)) {
    for (const reply of replies.filter((to) => !allows(own, to))) me.connection.publish(subject, body, { reply });
    await me.connection.request(subject, body);
  }
  await Promise.all([user('health'), user('relay')].map(({ connection }) => connection.flush()));
  expect(calls.filter((subject) => subject.endsWith(key))).toEqual([]);
  await user('audit')
    .connection.request(`$JS.API.STREAM.INFO.${AUDIT_STREAM}`, '')
    .then((answer) => {
      expect(answer.json()).not.toHaveProperty('error');
    });
});

it('does not let one user of the bus have a stream delivered anywhere: nobody but the audit service makes a consumer, and only of facts', async () => {
  for (const { name, connection, errors } of users.values()) {
    for (const stream of ['KV_policy_default', 'KV_health', ...(name === 'audit' ? [] : [AUDIT_STREAM])]) {
      const config = { name: 'mine', deliver_subject: 'rpc.v1.registry.mine', ack_policy: 'none', filter_subject: '>' };
      const subject = `$JS.API.CONSUMER.CREATE.${stream}.mine`;
      const attempt = () => connection.publish(subject, JSON.stringify({ stream_name: stream, config }));
      expect([name, subject, await refused({ name, connection, errors }, attempt)]).toEqual([name, subject, true]);
    }
  }
});

it('delivers each fact to a reader once it is stored, and earlier ones on request', async () => {
  const siem = user('siem').connection;
  const received: { subject: string; sequence: string | undefined }[] = [];
  siem.subscribe('audit.v1.activity.>', {
    callback: (_, message) => void received.push({ subject: message.subject, sequence: message.headers?.get('Nats-Sequence') }),
  });
  await siem.flush();
  const { email } = await system.addUser();
  await expect.poll(() => received.map(({ subject }) => subject), { timeout: 10_000 }).toContain('audit.v1.activity.user.added');
  const first = received.find(({ subject }) => subject === 'audit.v1.activity.user.added');
  const manager = await jetstreamManager(siem, { checkAPI: false });
  const page = await manager.direct.getBatch(AUDIT_STREAM, {
    seq: Number(first?.sequence),
    batch: 1,
    next_by_subj: 'audit.v1.>',
  });
  for await (const message of page) {
    expect(message.subject).toBe('audit.v1.activity.user.added');
    expect(message.string()).toContain(email);
  }
});

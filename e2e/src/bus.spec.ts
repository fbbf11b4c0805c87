import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { AUDIT_STREAM, BUS_SERVICES, inboxPrefix, relayPermissions, servicePermissions } from '@sluice/contracts';
import type { TestSystem } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from './system.js';

interface BusUser {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly errors: string[];
}

let system: TestSystem;
const users = new Map<string, BusUser>();
let relayId: string;

beforeAll(async () => {
  system = await sharedSystem();
  const { home } = system.handle;
  const identity = JSON.parse(readFileSync(path.join(home, 'relays', 'relay', 'identity.json'), 'utf8')) as {
    natsSeed: string;
    credentials: { nodeId: string; nats: { jwt: string; servers: string[]; ca: string } };
  };
  relayId = identity.credentials.nodeId;
  const join = async (name: string, jwt: string, seed: string) => {
    const errors: string[] = [];
    const connection = await connect({
      servers: identity.credentials.nats.servers,
      tls: { ca: identity.credentials.nats.ca },
      inboxPrefix: inboxPrefix(name),
      authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(seed)),
    });
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') errors.push(status.error.message);
    })();
    users.set(name, { name, connection, errors });
  };
  for (const service of BUS_SERVICES) {
    const { jwt, seed } = JSON.parse(readFileSync(path.join(home, 'secrets', `bus-${service}.json`), 'utf8')) as {
      jwt: string;
      seed: string;
    };
    await join(service, jwt, seed);
  }
  await join(relayId, identity.credentials.nats.jwt, identity.natsSeed);
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

const permissionsOf = (name: string) =>
  name === relayId ? relayPermissions(relayId, 'default') : servicePermissions(name as (typeof BUS_SERVICES)[number]);
const names = [...BUS_SERVICES, 'relay'] as const;
const user = (name: (typeof names)[number]) => users.get(name === 'relay' ? relayId : name) as BusUser;

async function refused(of: BusUser, attempt: () => void): Promise<boolean> {
  of.errors.length = 0;
  attempt();
  await of.connection.flush();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return of.errors.some((error) => error.toLowerCase().includes('permissions violation'));
}

describe.each(names)('the bus user %s', (name) => {
  it('is refused the subjects of all others, to say and to hear', async () => {
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

  it("hears nothing of another user's inbox, and cannot delete or purge facts", async () => {
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
    `node.v1.${other}.present`,
    '$KV.policy_default.account.x',
    'audit.v1.activity.user.added',
  ]) {
    expect([subject, await refused(relay, () => relay.connection.publish(subject, '{}'))]).toEqual([subject, true]);
  }
});

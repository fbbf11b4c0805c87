import { describe, expect, it } from 'vitest';
import { BUS_ACCOUNTS, BUS_CROSSINGS } from './accounts.js';
import { accountOfService, BUS_SERVICES, servicePermissions } from './permissions.js';

/** Whether one of some patterns covers every subject of another pattern. */
const covers = (patterns: readonly string[], subject: string): boolean =>
  patterns.some((pattern) => {
    const [parts, words] = [pattern.split('.'), subject.split('.')];
    const head = parts.at(-1) === '>' ? parts.slice(0, -1) : parts;
    if (head.length === parts.length ? words.length !== parts.length : words.length <= head.length) return false;
    return head.every((part, i) => part === '*' || part === words[i]);
  });

describe.each(BUS_SERVICES)('the account of the service %s', (service) => {
  const { publish, subscribe } = servicePermissions(service);
  const imports = BUS_CROSSINGS.filter(({ to }) => to === accountOfService(service));

  it('has nobody call in it what its user may not call: a response of the server could, with a reply subject that the user chose', () => {
    const called = imports.filter(({ kind }) => kind !== 'stream').map(({ subject, part = subject }) => part);
    expect(called.length).toBeGreaterThan(2);
    expect(called.filter((subject) => !covers(publish, subject))).toEqual(service === 'gateway' ? ['rpc.v1.audit.>'] : []);
  });

  it('receives no stream that its user does not subscribe to', () => {
    const streams = imports.filter(({ kind }) => kind === 'stream').map(({ subject, part = subject, as = part }) => as);
    expect(streams.filter((subject) => !subscribe.some((wanted) => covers([subject], wanted)))).toEqual([]);
  });
});

it('lets everything cross from where it belongs to: each account exports only what belongs to it', () => {
  for (const { from, subject, kind } of BUS_CROSSINGS) {
    expect(BUS_ACCOUNTS).toContain(from);
    const owner = /^rpc\.v1\.(\w+)\./.exec(subject)?.[1];
    if (owner !== undefined) expect([subject, kind, owner]).toEqual([subject, 'service', from]);
  }
});

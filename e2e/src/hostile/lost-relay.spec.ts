import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Schemas } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { joinBus } from '../join-bus.js';
import { Scene } from '../scene.js';

let scene: Scene;
let owner: pg.Client;

beforeAll(async () => {
  scene = await Scene.start({ restart: false, env: { audit: { SLUICE_AUDIT_PRESUME_SECONDS: '10' } } });
  owner = await databaseOwner(scene.system);
});
afterAll(async () => {
  await owner.end();
  await scene.end();
});

it('presumes the end of sessions whose relay is gone, and corrects it when the relay says how they ended', async () => {
  const { installation, system, user, resource } = scene;
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('hello');
    await once(socket, 'data');
    return socket;
  };
  await Promise.all([open(), open()]);
  const states = (wanted: readonly Schemas['AuditRecord']['state'][], withinMs?: number) =>
    system.recordsWhen(
      server.id,
      (all) => all.length === 2 && all.every(({ state }) => wanted.includes(state)) && all.every(({ bytesUp }) => bytesUp === 5),
      withinMs,
    );
  await states(['live'], 20_000); // with a checkpoint

  const relay = installation.service('relay');
  relay.kill('SIGKILL');
  await relay.ended();
  const audit = installation.service('audit');
  audit.kill('SIGKILL'); // nor does the audit service know more than what it has stored
  await audit.ended();
  await audit.start();
  expect((await system.records(server.id)).map(({ state }) => state)).toEqual(['live', 'live']);
  // the facts that it had received but not stored are delivered again after the acknowledgement time, half a minute
  const presumed = await states(['presumed ended'], 90_000);
  for (const record of presumed)
    expect(record).toMatchObject({ endReason: 'relay lost', exactness: 'at least', outcome: 'failed', bytesUp: 5, bytesDown: 5 });
  expect(presumed.every(({ endedAt, startedAt }) => endedAt !== null && endedAt >= startedAt)).toBe(true);
  const shown = await user.mustRun('audit', 'sessions', '--server', server.name);
  expect(shown.match(/presumed ended/g)).toHaveLength(2);

  // the clock of the database jumps by a month, and a month passes for one of them
  const [late, inTime] = presumed as [Schemas['AuditRecord'], Schemas['AuditRecord']];
  await owner.query("update audit.session set presumed_at = presumed_at - interval '31 days'");
  await owner.query("update audit.stream_position set aged_at = aged_at - interval '31 days'");
  await owner.query('update audit.session set presumed_age = presumed_age - 31 * 86400 where id = $1', [late.id]);
  const stateOf = async (id: string) =>
    (await owner.query<{ state: string }>('select state from audit.session where id = $1', [id])).rows[0]?.state;
  await expect.poll(() => stateOf(late.id), { timeout: 10_000 }).toBe('final');
  expect(await stateOf(inTime.id)).toBe('presumed ended');

  const siem = await joinBus(installation.options.home, 'siem');
  const received: { author: string; detail: { sessionId: string } }[] = [];
  siem.connection.subscribe('audit.v1.integrity.late', {
    callback: (_, message) => void received.push(message.json<{ data: (typeof received)[number] }>().data),
  });
  await siem.connection.flush();
  await relay.start();
  const [was, is] = await states(['final'], 20_000);
  expect(was).toEqual({ ...late, state: 'final' });
  expect(is).toMatchObject({ id: inTime.id, message: expect.stringContaining('stopped before the session ended') as string });
  await expect
    .poll(() => received, { timeout: 10_000 })
    .toMatchObject([{ author: late.relay?.id, detail: { sessionId: late.id } }]);
  await siem.connection.close();
});

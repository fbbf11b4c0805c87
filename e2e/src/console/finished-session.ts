import { once } from 'node:events';
import { connect } from 'node:net';
import type { Schemas } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';

/** A server on a port that a user may reach, and one session of this user to it whose record is final. */
export async function finishedSession(system: TestSystem, user: TestUser, port: number): Promise<Schemas['Server']> {
  const server = await system.addServer(port);
  await system.grant([user], [server]);
  const client = connect(await user.connect(server.name), '127.0.0.1');
  client.resume().end('x');
  await once(client, 'close');
  await system.recordsWhen(server.id, ([record]) => record?.state === 'final');
  return server;
}

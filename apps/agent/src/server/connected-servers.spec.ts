import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Listener } from '../listener/listener.js';
import { PeerOwner } from '../listener/peer-owner.js';
import { ConnectedServers } from './connected-servers.js';

type Resource = Schemas['AgentFeed']['resources'][number];

let folder: string;
let file: string;
let owner: PeerOwner;
let open: ConnectedServers[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-connected-'));
  file = path.join(folder, 'connected.json');
  owner = new PeerOwner();
  open = [];
});
afterEach(async () => {
  for (const servers of open) servers.close();
  await owner.close();
  rmSync(folder, { recursive: true });
});

/** Starts as an agent does, with the servers that were saved. */
function start(): ConnectedServers {
  const listen = (resource: Resource, port: number) =>
    Listener.open(
      { address: resource.bindAddress, port },
      { owner, allowed: 'any' },
      (client) => client.end('hello'),
      () => undefined,
    );
  const servers = new ConnectedServers(file, listen, createLog('test', 'silent'));
  open.push(servers);
  return servers;
}

async function takenPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const free = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, free };
}

async function freePort(): Promise<number> {
  const { port, free } = await takenPort();
  await free();
  return port;
}

const resource = (name: string, port: number, id = `id of ${name}`): Resource => ({
  id,
  name,
  type: 'tcp',
  cluster: 'default',
  connectivityMode: 'loopback',
  bindAddress: '127.0.0.1',
  port,
  tags: {},
  health: 'healthy',
  dialTimeoutSeconds: 10,
  keepAliveSeconds: 30,
  noDelay: true,
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
const keptNames = () => Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);

it('remembers what was connected while the API is unreachable, and listens once the servers are known', async () => {
  const [db, web] = [resource('db', await freePort()), resource('web', await freePort())];
  const before = start();
  await before.connect(db, undefined, [db, web]);
  await before.connect(web, undefined, [db, web]);
  before.close();

  const after = start();
  await after.follow([]); // the API is unreachable
  expect(await after.disconnect('web')).toMatchObject({ name: 'web' }); // writes the list again
  expect(keptNames()).toEqual(['db']);
  await after.follow([db, web]);
  expect(await answers(db.port)).toBe(true);
  expect(await answers(web.port)).toBe(false);
});

it('retries when another process uses the address', async () => {
  const { port, free } = await takenPort();
  const db = resource('db', await freePort());
  const before = start();
  await before.connect(db, undefined, [db]);
  before.close();
  const after = start();
  await after.follow([{ ...db, port }]);
  expect(after.get(db.id)).toBeUndefined();
  await free();
  await after.follow([{ ...db, port }]);
  expect(await answers(port)).toBe(true);
});

it('follows a server that was renamed, moved, or deleted and created again under its name', async () => {
  const db = resource('db', await freePort());
  const servers = start();
  await servers.connect(db, undefined, [db]);
  const moved = { ...db, name: 'database', port: await freePort() };
  await servers.follow([moved]);
  expect(await answers(db.port)).toBe(false);
  expect(await answers(moved.port)).toBe(true);
  expect(keptNames()).toEqual(['database']);
  const renewed = { ...moved, id: 'another' };
  await servers.follow([renewed]);
  expect(servers.get('another')).toBeDefined();
  expect(servers.get(db.id)).toBeUndefined();
});

it('stays at the port that the person asked for', async () => {
  const db = resource('db', await freePort());
  const own = await freePort();
  await start().connect(db, own, [db]);
  open.pop()?.close();
  const after = start();
  await after.follow([db]);
  expect(await answers(own)).toBe(true);
});

it('opens one listener for a server that is connected and followed at once', async () => {
  const db = resource('db', await freePort());
  const servers = start();
  await Promise.all([servers.connect(db, undefined, [db]), servers.follow([db]), servers.connect(db, undefined, [db])]);
  expect(await answers(db.port)).toBe(true);
});

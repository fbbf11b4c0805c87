import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stopChild } from '@sluice/embedded';
import { testFolder, type TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { carried } from './carried.js';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

const root = path.join(import.meta.dirname, '..', '..');

interface Container {
  readonly command: string[];
  readonly args: string[];
  readonly startupProbe: { readonly exec: { readonly command: string[] } };
}

let system: TestSystem;
let user: TestUser;
let resource: Resource;
let folder: string;
let agent: ChildProcess | undefined;

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
  resource = await Resource.serve(echo);
  folder = testFolder('sidecar');
});
afterAll(async () => {
  if (agent) await stopChild(agent, 'SIGTERM', 10_000);
  await user.leave();
  resource.close();
  rmSync(folder, { recursive: true, force: true });
});

it("has a server at 127.0.0.1 by the commands of the sidecar's own container, and is ready when it has", async () => {
  const text = readFileSync(path.join(root, 'deploy', 'examples', 'agent-sidecar.yaml'), 'utf8');
  const { initContainers } = (parse(text) as { spec: { initContainers: Container[] } }).spec;
  const [{ command, args, startupProbe }] = initContainers as [Container];
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  // the command on the PATH and the mounted password, as in the container
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    path.join(bin, 'sluice'),
    `#!/bin/sh\nexec "${process.execPath}" "${path.join(root, 'apps', 'agent', 'bin', 'sluice.mjs')}" "$@"\n`,
  );
  chmodSync(path.join(bin, 'sluice'), 0o755);
  const env = {
    PATH: `${bin}:${process.env['PATH']}`,
    SLUICE_CONFIG_HOME: path.join(folder, 'config'),
    SLUICE_SERVER: system.handle.url,
    SLUICE_EMAIL: user.email,
    SLUICE_NAME: server.name,
  };
  const here = (word: string) => word.replaceAll('/run/sluice/password', user.passwordFile);
  const run = ([file = '', ...rest]: string[]) => spawn(file, rest.map(here), { env, stdio: 'ignore' });
  agent = run([...command, ...args]);
  const probe = async () => (await once(run(startupProbe.exec.command), 'exit'))[0] as number | null;
  await expect.poll(probe, { timeout: 60_000, interval: 500 }).toBe(0);
  const socket = await carried(server.portOverride);
  socket.end();
  await once(socket, 'close');
  const [record] = await system.recordsWhen(server.id, (all) => all.some(({ state }) => state === 'final'));
  expect(record).toMatchObject({ bytesUp: 5, bytesDown: 5, sharedListener: true });
}, 120_000);

// Sluice itself as a way between two ports: a whole installation, an agent signed in, nothing switched off.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@sluice/embedded';
import { unwrap } from '@sluice/sdk';
import { startInstallation } from './installation.mjs';

const MANY = '100000';

/** Brings up Sluice: with a relay that agents reach themselves (`direct`), or with one that only the gateway reaches. */
export async function sluice(targets, { direct }) {
  const relay = { SLUICE_MAX_SESSIONS: MANY, SLUICE_MAX_LINKS: MANY };
  if (direct) relay.SLUICE_TUNNEL_ADDRESS = `127.0.0.1:${await freePort()}`;
  const { installation, home, system, stop } = await startInstallation({ relay, gateway: { SLUICE_MAX_LINKS: MANY } });
  const { version } = await unwrap(system.admin.GET('/api/v1/settings'));
  await unwrap(system.admin.PATCH('/api/v1/settings', { body: { version, sessionsPerAccount: 0, linksPerAccount: 0 } }));
  const user = await system.addUser();
  const servers = [await system.addServer(targets.bulk), await system.addServer(targets.echo)];
  await system.grant([user], servers);
  const [bulk, echo] = [await user.connect(servers[0].name), await user.connect(servers[1].name)];
  if (direct) await sleep(7000); // the agent tries the relay's address beside its work
  const agent = JSON.parse(
    readFileSync(path.join(user.configHome, 'agent.log'), 'utf8')
      .split('\n')
      .find((line) => line.includes('the agent has started')),
  ).pid;
  const processes = {
    agent,
    ...(direct ? {} : { gateway: installation.service('gateway').pid }),
    relay: installation.service('relay').pid,
  };
  const recorded = (store) =>
    Number(
      readFileSync(path.join(home, store, 'pid'), 'utf8')
        .trim()
        .split(/\s/)[0],
    );
  const service = (name) => installation.service(name).pid;
  return {
    name: direct ? 'Sluice, direct' : 'Sluice, gateway',
    bulk,
    echo,
    processes,
    /** What else a session costs: that it is recorded, and its health noted. */
    behind: {
      ...{ nats: recorded('nats'), postgres: recorded('postgres') },
      ...{ audit: service('audit'), health: service('health'), registry: service('registry') },
    },
    outside: [agent],
    home,
    agentLog: path.join(user.configHome, 'agent.log'),
    /** Resolves when every session that has ended has its record. */
    settled: async () => {
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
        const { items } = await unwrap(system.admin.GET('/api/v1/sessions', { params: { query: { live: true, limit: 1 } } }));
        if (items.length === 0) return;
      }
    },
    /** Which way the sessions went: records without a gateway. */
    gateways: async () => new Set((await system.records(servers[1].id)).map((record) => record.gateway !== null)),
    stop: async () => {
      await user.leave();
      await stop();
    },
  };
}

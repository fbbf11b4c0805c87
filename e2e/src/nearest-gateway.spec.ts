import { freePort } from '@sluice/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carried } from './carried.js';
import { metric } from './metric.js';
import { canMakeNamespaces, Forwarder, Namespace } from './namespace.js';
import { Scene } from './scene.js';

/**
 * Two gateways that agents reach through another network, which makes the way to one of them long: it loses the first
 * packet of every connection there, so that it takes a second to connect.
 *
 *   agent ── 10.207.1.2, port of gateway ────┐
 *     └───── 10.207.1.2, port of gateway-2 ──┴── 10.207.1.1 ── the gateways, relay
 */
const tag = `g${process.pid.toString(36)}`;
const [HERE, THERE] = ['10.207.1.1', '10.207.1.2'];
/** More than the 32 that an agent keeps ready: the others need a new link. */
const AT_ONCE = 48;

let scene: Scene;
let network: Namespace;
let port: number;
const forwarders: Forwarder[] = [];
const tunnelPorts: Record<string, number> = {};

/** Makes the way to a gateway long, and that to the others short. */
const makeFar = (name: string): void =>
  network.rules(`
    add table ip far
    delete table ip far
    table ip far {
      set known { type inet_service; flags timeout; timeout 5s; }
      chain in { type filter hook input priority 0;
        tcp dport ${tunnelPorts[name]} tcp flags & (syn | ack) == syn tcp sport != @known add @known { tcp sport } drop; }
    }`);

/** How many links agents have made through each gateway. */
async function links(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of Object.keys(tunnelPorts))
    counts[name] = await metric(scene.installation, name, 'sluice_gateway_preambles_total', 'carry');
  return counts;
}

/** Opens many sessions at once, ends them, and says how many links were made for them through each gateway. */
async function burst(): Promise<Record<string, number>> {
  const before = await links();
  const sockets = await Promise.all(Array.from({ length: AT_ONCE }, () => carried(port)));
  for (const socket of sockets) socket.end();
  const after = await links();
  return Object.fromEntries(Object.keys(after).map((name) => [name, (after[name] as number) - (before[name] ?? 0)]));
}

describe.skipIf(!canMakeNamespaces)('an agent that reaches two gateways', () => {
  beforeAll(async () => {
    network = new Namespace(tag);
    network.join(`${HERE}/24`, `${THERE}/24`);
    const advertised = (name: string) => ({
      SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${tunnelPorts[name]}`,
      SLUICE_TUNNEL_ADVERTISED: `${THERE}:${tunnelPorts[name]}`,
      SLUICE_TUNNEL_ADVERTISED_TO_RELAYS: `127.0.0.1:${tunnelPorts[name]}`,
    });
    for (const name of ['gateway', 'gateway-2']) {
      tunnelPorts[name] = await freePort();
      const forwarder = await Forwarder.open(HERE, tunnelPorts[name]);
      forwarders.push(forwarder);
      await network.bring(tunnelPorts[name], forwarder, THERE);
    }
    makeFar('gateway-2');
    scene = await Scene.start({ env: { gateway: advertised('gateway') } });
    const { installation, system, user, resource } = scene;
    const ports = { http: await freePort(), tunnel: tunnelPorts['gateway-2'] as number };
    await installation.addGateway('gateway-2', ports, advertised('gateway-2'));
    const server = await system.addServer(resource.port);
    await system.grant([user], [server]);
    port = await user.connect(server.name);
  });
  afterAll(async () => {
    await scene.end();
    for (const forwarder of forwarders) forwarder.close();
    network.remove();
  });

  it('uses the nearer one by round trip, and the other one when that is nearer', { timeout: 330_000 }, async () => {
    /** Three times in a row: by chance that would be one of millions. A gateway whose dial failed under load is excluded for a while. */
    const prefers = (near: string, far: string) =>
      expect
        .poll(
          async () => {
            for (let i = 0; i < 3; i++) {
              const made = await burst();
              if ((made[far] as number) > 0 || (made[near] as number) < 8) return false;
            }
            return true;
          },
          { timeout: 120_000, interval: 500 },
        )
        .toBe(true);
    await prefers('gateway', 'gateway-2');
    makeFar('gateway');
    await prefers('gateway-2', 'gateway');
    await scene.installation.service('gateway-2').stop(40_000); // and the remaining one, however far
    await expect.poll(async () => (await carried(port)).destroy().destroyed, { timeout: 60_000 }).toBe(true);
  });
});

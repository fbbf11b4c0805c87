import { GATEWAY_BUCKET, gatewayPresence, type Presence, PRESENCE_INTERVAL_MS } from '@sluice/contracts';
import { type Bus, PolicyReplica } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import type { GatewayConfig } from '../config.js';
import type { GatewayPart } from '../gateway-part.js';
import { GatewayIdentity } from '../node/gateway-identity.js';
import { TunnelPort } from './tunnel-port.js';

/** Changes of the policy that come within this time are told of together, in milliseconds. */
const TELL_WITHIN_MS = 10;

/** Opens the tunnel port, and makes the gateway known: from then on agents and relays come. */
export async function startTunnel(config: GatewayConfig, bus: Bus, log: Log): Promise<GatewayPart> {
  const policy = new PolicyReplica(() => performance.now());
  policy.start(bus, GATEWAY_BUCKET, (why) => log.warn(why));
  let identity: GatewayIdentity | undefined;
  const whoWeAre = () => {
    if (!identity) throw new Error('this gateway is not registered yet');
    return identity;
  };
  const tunnel = new TunnelPort(config, whoWeAre, policy, log);
  await tunnel.listen();
  const address = config.advertised ?? `${config.tunnel.host}:${tunnel.port}`;
  identity = await GatewayIdentity.register(bus, { name: config.name, address, relayAddress: config.relayAddress }, log);
  const { nodeId } = identity;
  policy.onChange(() => policy.revokedIssue(whoWeAre().own.issuedAt) && whoWeAre().renewSoon());
  const tell = (last: { left?: true } = {}) => {
    const { applied } = policy;
    const presence: Presence = { name: config.name, address, sessions: tunnel.linkCount, draining: false, applied, ...last };
    bus.publish(gatewayPresence(nodeId), presence);
  };
  tell();
  let telling: NodeJS.Timeout | undefined;
  policy.onChange(() => {
    telling ??= setTimeout(() => {
      telling = undefined;
      tell();
    }, TELL_WITHIN_MS);
  });
  const hurried = new AbortController();
  const presence = setInterval(() => tell(), PRESENCE_INTERVAL_MS);
  return {
    announce: { tunnelPort: tunnel.port, nodeId },
    ready: () => ({
      problems: [
        ...(tunnel.listening ? [] : ['the tunnel port is closed']),
        ...(whoWeAre().valid ? [] : ['the gateway certificate has ended']),
      ],
      degraded: tunnel.relayCount > 0 ? [] : ['no relay is here'],
    }),
    hurry: () => hurried.abort(),
    stop: async () => {
      clearInterval(presence);
      await tunnel.drain(config.drainMs, hurried.signal);
      policy.stop();
      clearTimeout(telling);
      tell({ left: true });
      whoWeAre().stop();
    },
  };
}

import '@sluice/process/tune';
import 'reflect-metadata';
import { Bus } from '@sluice/messaging';
import { type Log, type Readiness, runService, type RunningService, STOP_WITHIN_MS } from '@sluice/process';
import { startApi } from './api/start-api.js';
import { GatewayConfig } from './config.js';
import type { GatewayPart } from './gateway-part.js';
import { startTunnel } from './tunnel/start-tunnel.js';

/** A gateway is the API, or the tunnel port, or both: two halves that share nothing but the bus. */
async function start(config: GatewayConfig, log: Log): Promise<RunningService> {
  const bus = await Bus.connect({
    servers: config.natsServers,
    user: 'gateway',
    ...config.bus,
    onStatus: (up, detail) => log.warn({ up, detail }, 'bus'),
  });
  const parts: GatewayPart[] = [];
  const ready = (): Readiness => ({
    problems: parts.flatMap((part) => part.ready().problems),
    degraded: [...(bus.connected ? [] : ['NATS is away']), ...parts.flatMap((part) => part.ready().degraded)],
  });
  // the tunnel port first: the API may tell an agent of it as soon as it answers
  if (config.parts.includes('tunnel')) parts.push(await startTunnel(config, bus, log));
  if (config.parts.includes('api')) parts.push(await startApi(config, bus, log, ready));
  return {
    announce: Object.assign({}, ...parts.map((part) => part.announce)) as Record<string, unknown>,
    ready,
    stopWithinMs: config.drainMs + STOP_WITHIN_MS,
    hurry: () => {
      for (const part of parts) part.hurry?.();
    },
    stop: async () => {
      for (const part of [...parts].reverse()) await part.stop();
      await bus.close();
    },
  };
}

await runService('gateway', GatewayConfig, start);

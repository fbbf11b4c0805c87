import { execFileSync } from 'node:child_process';
import type { StoreServer } from '@sluice/embedded';
import { natsConfig } from '@sluice/embedded';

const POSTGRES_IMAGE = 'postgres:18-alpine';
const NATS_IMAGE = 'nats:2.14-alpine';

/** Whether a container engine responds and has these images; tests never pull any. */
export function engineHasImages(others: readonly string[] = []): boolean {
  try {
    execFileSync('docker', ['image', 'inspect', POSTGRES_IMAGE, NATS_IMAGE, ...others], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL in a container. */
export async function postgresInContainer(): Promise<StoreServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(POSTGRES_IMAGE)
    .withEnvironment({ POSTGRES_PASSWORD: 'for-tests-alone', POSTGRES_USER: 'sluice', POSTGRES_DB: 'sluice' })
    .withExposedPorts(5432)
    .withHealthCheck({ test: ['CMD-SHELL', 'pg_isready --host localhost'], interval: 250, timeout: 1000, retries: 200 })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();
  return {
    url: `postgres://sluice:for-tests-alone@${container.getHost()}:${container.getMappedPort(5432)}/sluice`,
    stop: async () => void (await container.stop()),
  };
}

/** NATS with JetStream in a container. */
export async function natsInContainer(trust: string): Promise<StoreServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const files = [...trust.matchAll(/_file: "([^"]+)"/g)].map(([, source]) => ({
    source: source as string,
    target: source as string,
  }));
  const container = await new GenericContainer(NATS_IMAGE)
    .withCopyFilesToContainer(files)
    .withCopyContentToContainer([
      { content: natsConfig('0.0.0.0:4222', '/tmp/jetstream', trust), target: '/etc/nats/sluice.conf' },
    ])
    .withCommand(['--config', '/etc/nats/sluice.conf'])
    .withExposedPorts(4222)
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  return {
    url: `nats://${container.getHost()}:${container.getMappedPort(4222)}`,
    stop: async () => void (await container.stop()),
  };
}

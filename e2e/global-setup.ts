import { engineHasImages, handleOf, startSystem, stopSystem } from '@sluice/testing';
import type { TestProject } from 'vitest/node';

/** Starts the installation that all e2e specs share. */
export default async function setup(project: TestProject) {
  const containers = process.env['SLUICE_TEST_STORES'] === 'containers' && engineHasImages();
  console.log(
    `stores of the shared installation: ${containers ? 'PostgreSQL and NATS in containers' : 'embedded PostgreSQL and NATS'}`,
  );
  const installation = await startSystem({ containers });
  project.provide('sluice', handleOf(installation));
  return () => stopSystem(installation);
}

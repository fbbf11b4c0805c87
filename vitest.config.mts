import { defineConfig } from 'vitest/config';

const conditions = ['@sluice/source', 'module', 'node', 'development|production'];

/** Tests that need a container engine. */
const containers = ['e2e/src/containers.spec.ts', 'e2e/src/stores-in-containers.spec.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node'] } },
  test: {
    reporters: ['default', './tools/plain-line-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{apps,libs,tools}/**/*.spec.ts'], exclude: ['**/node_modules/**', '**/*.int.spec.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/src/**/*.spec.ts'],
          exclude: containers,
          globalSetup: ['./e2e/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'containers', // last and alone: building images takes all the machine there is
          include: containers,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

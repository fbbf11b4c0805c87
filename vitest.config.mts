import { defineConfig } from 'vitest/config';

/** Without `module`: what packages have for bundlers is not always what Node can load, to which most of them are left. */
const conditions = ['@sluice/source', 'node', 'development|production'];

/** Tests that need a container engine. */
const containers = ['e2e/src/containers.spec.ts', 'e2e/src/stores-in-containers.spec.ts'];

/** Tests that compare how fast processes are beside each other: no other test may take their processor time. */
const alone = ['e2e/src/spread.spec.ts'];

/** Tests of the end-to-end tests themselves, which need no installation. */
const judged = ['e2e/src/chaos/hold-records.spec.ts'];

/** Property tests begin here, and say so in their titles; `SLUICE_FUZZ_SEED` repeats a run, `SLUICE_FUZZ_RUNS` makes it a long one. */
const seed = process.env['SLUICE_FUZZ_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
const within = (ms: number): number => (process.env['SLUICE_FUZZ_RUNS'] === undefined ? ms : 3_600_000);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node'] } },
  test: {
    env: { SLUICE_FUZZ_SEED: seed },
    reporters: ['default', './tools/plain-line-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs,tools}/**/*.spec.ts', ...judged],
          exclude: ['**/node_modules/**', '**/*.int.spec.ts'],
          testTimeout: within(5000),
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/src/**/*.spec.ts'],
          exclude: [...containers, ...alone, ...judged],
          globalSetup: ['./e2e/global-setup.ts'],
          setupFiles: ['./e2e/leave-all.ts'],
          testTimeout: within(180_000),
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          setupFiles: ['./e2e/leave-all.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'containers', // last and alone: building images takes all the machine there is
          include: containers,
          setupFiles: ['./e2e/leave-all.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

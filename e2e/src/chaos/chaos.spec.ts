import { expect, it } from 'vitest';
import { runChaos } from './run-chaos.js';

/** A minute; `npm run chaos -- --seconds N --seed S` runs longer, or repeats the throws of a run. */
const SECONDS = Number(process.env['SLUICE_CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['SLUICE_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it(
  `leaves one true record of every connection while every process is killed again and again (${SECONDS} s, seed ${SEED})`,
  { timeout: SECONDS * 1000 + 600_000 },
  async () => {
    const { summary, violations } = await runChaos(SECONDS, SEED);
    console.log(summary.join('\n'));
    expect(violations.slice(0, 10)).toEqual([]);
  },
);

import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.mjs';
import { RELAYS } from '../installation.mjs';
import { failures, underLoad } from '../under-load.mjs';

/** Over how long sessions are counted, so that each of eight relays has a hundred and more. */
const WINDOW_SECONDS = 60;
const MOST = 0.2;

/** Scales from one relay to many and to two, under load. */
export async function scale(stage) {
  const { installation, sizes } = stage;
  const to = async (relays) => {
    await installation.kubectl('scale', RELAYS, `--replicas=${relays}`);
    await installation.relaysOnline(relays);
  };
  await to(1);
  const { done, load, wrong, shown } = await underLoad(stage, {}, async () => {
    const begun = Date.now();
    await to(sizes.relays);
    const online = Date.now();
    let spread;
    const even = async () => (spread = await spreadOver(installation, sizes.relays)).deviation <= MOST;
    await sleep(WINDOW_SECONDS * 1000);
    await eventually('sessions are spread evenly', even, 120, 5000).catch(() => undefined);
    const after = Math.round((Date.now() - online) / 1000);
    await to(2);
    await installation.settled();
    await installation.onlyPods('relay', 2);
    return { ...spread, upSeconds: Math.round((online - begun) / 1000), after };
  });
  const { counts, deviation, upSeconds, after } = done;
  const percent = Math.round(deviation * 100);
  const sessions = `${counts.join(', ')} sessions of ${WINDOW_SECONDS} s`;
  if (deviation > MOST) wrong.push(`on ${sizes.relays} relays ${sessions} differ by ${percent} % from their mean`);
  return {
    shown: `${shown}; ${sizes.relays} relays online after ${upSeconds} s; ${sessions}, within ${percent} % of the mean, ${after} s later`,
    wrong: [...failures(load), ...wrong],
  };
}

async function spreadOver(installation, relays) {
  const counts = new Map();
  for (const { outcome, relay } of await installation.records(Date.now() - WINDOW_SECONDS * 1000))
    if (outcome !== 'failed' && outcome !== 'refused' && relay) counts.set(relay.id, (counts.get(relay.id) ?? 0) + 1);
  const mean = [...counts.values()].reduce((a, b) => a + b, 0) / relays;
  const deviation = counts.size < relays ? 1 : Math.max(...[...counts.values()].map((count) => Math.abs(count - mean) / mean));
  return { counts: [...counts.values()].sort((a, b) => b - a), deviation };
}

import { eventually } from '../eventually.mjs';
import { follow } from '../follow.mjs';
import { DRAIN_SECONDS, NAMESPACE, RELAYS } from '../installation.mjs';
import { brief, failures, underLoad } from '../under-load.mjs';

/** How much later than a container the test may hear that its pod was told to stop. */
const SLACK_MS = 1500;
/** What `helm upgrade` keeps running meanwhile besides the load. */
const HELD_IN_UPGRADE = 20;

/** Restarts the relays while sessions run through them that outlast the deadline, and others come and go. */
export const restartRelays = (stage) => replace(stage, stage.sizes.held, ['relay'], rollout(stage, RELAYS));

/** The same for the gateways, which are replaced one after the other. */
export const restartGateways = (stage) =>
  replace(stage, stage.sizes.held, ['gateway'], rollout(stage, 'statefulset/sluice-gateway'));

/** Upgrades the previous release to this one. */
export async function upgrade(stage) {
  const { installation } = stage;
  const result = await replace(stage, HELD_IN_UPGRADE, ['relay', 'gateway'], () => installation.upgrade());
  const old = await installation.podsOfOtherReleases();
  return { ...result, wrong: [...result.wrong, ...old.map((name) => `${name} has the old image`)] };
}

const rollout =
  ({ installation }, workload) =>
  () =>
    installation.kubectl('rollout', 'restart', workload);

/**
 * Has pods replaced under load. No connect may fail, a session that is cut must have had the whole deadline, and those that are cut
 * must be those that `nodes drain --preview` listed before.
 */
async function replace(stage, count, components, deed) {
  const { installation, control, kubectlCommand } = stage;
  const stopped = new Map();
  const selector = `app.kubernetes.io/component in (${components.join(', ')})`;
  const stop = follow(control, kubectlCommand, ['pods', '-n', NAMESPACE, '-l', selector], ({ metadata, spec }) => {
    if (metadata.deletionTimestamp && spec.nodeName && !stopped.has(metadata.uid))
      stopped.set(metadata.uid, { name: metadata.name, at: Date.now() });
  });
  try {
    const { done, load, held, of, wrong, shown } = await underLoad(stage, { held: count, mayEnd: ['drained'] }, async () => {
      const pods = (await installation.json('pods', '-l', selector)).items;
      const previews = new Map();
      for (const { metadata } of pods) previews.set(metadata.name, await idsOf(installation.preview(metadata.name)));
      const names = new Map((await installation.nodes()).map(({ id, name }) => [id, name]));
      const begun = Date.now();
      await deed();
      await installation.settled(900);
      const uids = new Set(pods.map(({ metadata }) => metadata.uid));
      await eventually(
        'the old pods are gone',
        async () => !(await installation.json('pods', '-l', selector)).items.some(({ metadata }) => uids.has(metadata.uid)),
        DRAIN_SECONDS + 120,
        2000,
      );
      return { previews, names, uids, seconds: Math.round((Date.now() - begun) / 1000) };
    });
    const { previews, names, uids, seconds } = done;
    const stops = new Map([...stopped].filter(([uid]) => uids.has(uid)).map(([, { name, at }]) => [name, at]));
    const found = [...failures(load), ...wrong];
    const cut = held.filter(({ cutAt }) => cutAt !== null && cutAt !== undefined);
    const after = [];
    for (const connection of cut) {
      const record = of.get(connection);
      if (!record) continue; // the comparison has said so
      const through = [record.relay?.name, names.get(record.gateway)].filter((name) => previews.has(name));
      const ms = connection.cutAt - Math.min(...through.map((name) => stops.get(name)));
      after.push(ms);
      if (!(ms >= DRAIN_SECONDS * 1000 - SLACK_MS)) found.push(`a session was cut ${ms} ms after its pod was told to stop`);
      if (!through.some((name) => previews.get(name).has(record.id)))
        found.push(`the preview lacked a session that was cut: ${record.id}`);
    }
    const listed = new Set([...previews.values()].flatMap((ids) => [...ids]));
    const survivors = held.filter((connection) => !cut.includes(connection) && listed.has(of.get(connection)?.id));
    if (survivors.length > 0) found.push(`${survivors.length} sessions of the preview were not cut`);
    const [soonest, latest] = [Math.min(...after), Math.max(...after)].map((ms) => (ms / 1000).toFixed(1));
    return {
      shown: `${shown}; ${stops.size} pods replaced in ${seconds} s; of ${held.length} sessions that did not end ${cut.length} were cut, each listed by the preview, ${soonest} to ${latest} s after their pod was told to stop (deadline ${DRAIN_SECONDS} s)`,
      wrong: brief(found),
    };
  } finally {
    await stop();
  }
}

const idsOf = async (records) => new Set((await records).map(({ id }) => id));

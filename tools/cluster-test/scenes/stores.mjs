import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.mjs';
import { brief, failures, underLoad } from '../under-load.mjs';

const HELD = 20;
/** How long the installation runs between one kill and the next. */
const BETWEEN_MS = 10_000;

/** Kills each server of NATS in turn, and has its pod replaced. */
export const killNats = (stage) => killStore(stage, 'nats');

/** Kills PostgreSQL, and has its pod replaced; meanwhile records wait in the stream. */
export const killPostgres = (stage) => killStore(stage, 'postgres');

/** SIGKILL to the server, then its pod is deleted: running sessions continue, no connect fails, and no record is missing. */
async function killStore(stage, component) {
  const { installation, nodes } = stage;
  const { items } = await installation.json('pods', '-l', `app.kubernetes.io/component=${component}`);
  const { done, load, held, wrong, shown } = await underLoad(stage, { held: HELD }, async () => {
    const away = [];
    for (const { metadata, spec, status } of items) {
      const begun = Date.now();
      await nodes.find(({ name }) => name === spec.nodeName).kill(status.containerStatuses[0].containerID);
      await installation.kubectl('delete', 'pod', metadata.name, '--grace-period=1');
      const again = async () => {
        const pod = await installation.json('pod', metadata.name);
        return pod.metadata.uid !== metadata.uid && pod.status.containerStatuses?.[0].ready === true;
      };
      await eventually(`${metadata.name} is ready again`, again, 180, 1000);
      away.push(Math.round((Date.now() - begun) / 1000));
      await sleep(BETWEEN_MS);
      await installation.changesWork();
    }
    return away;
  });
  const cut = held.filter(({ cutAt }) => cutAt !== null).length;
  return {
    shown: `${shown}; ${items.map(({ metadata }, index) => `${metadata.name} ready again after ${done[index]} s`).join(', ')}; of ${HELD} running sessions ${cut} were cut`,
    wrong: brief([...failures(load), ...(cut > 0 ? [`${cut} running sessions were cut`] : []), ...wrong]),
  };
}

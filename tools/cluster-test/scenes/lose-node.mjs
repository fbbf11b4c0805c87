import { setTimeout as sleep } from 'node:timers/promises';
import { isReady } from '../cluster.mjs';
import { eventually } from '../eventually.mjs';
import { brief, underLoad } from '../under-load.mjs';

const HELD = 40;
/** Until when a connect may fail that began when the node was lost: a relay that does not answer is given up. */
const FAIL_WITHIN_SECONDS = 30;
/** A silent link is given up after a minute (four times the interval of its keep-alive). */
const NOTICED_WITHIN_MS = 90_000;
const TAINT = 'node.kubernetes.io/out-of-service';

/** Loses the node that has no PostgreSQL and one of three servers of NATS, and brings it back. */
export async function loseNode(stage) {
  const { installation, nodes, kubeconfig } = stage;
  const [, node] = nodes;
  const mayEnd = ['relay lost', 'link lost'];
  const { done, load, held, of, wrong, shown } = await underLoad(stage, { held: HELD, mayEnd }, async () => {
    const { items } = await installation.json('pods', '--field-selector', `spec.nodeName=${node.name}`);
    const lost = items.filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.name);
    const names = new Map((await installation.nodes()).map(({ id, name }) => [id, name]));
    const at = Date.now();
    const since = () => Math.round((Date.now() - at) / 1000);
    node.lose();
    await eventually('the loss is noticed', async () => !isReady(await installation.json('node', node.name)), 120);
    const noticed = since();
    // says that the node is not coming back, so that pods of StatefulSets may run elsewhere too
    await installation.kubectl('taint', 'node', node.name, `${TAINT}=nodeshutdown:NoExecute`);
    await installation.settled(480, ['sluice-nats']); // the volume of its server is on the lost node
    const settled = since();
    await sleep(Math.max(0, NOTICED_WITHIN_MS - (Date.now() - at)));
    await node.restart(kubeconfig);
    await eventually('the node is ready again', async () => isReady(await installation.json('node', node.name)), 180);
    await installation.kubectl('taint', 'node', node.name, `${TAINT}-`);
    await installation.settled();
    return { lostAt: at, lost, names, noticed, settled, back: since() };
  });
  const { lostAt: at, lost, names, noticed, settled, back } = done;
  const found = [...wrong];
  const onLost = (record) => [record?.relay?.name, names.get(record?.gateway)].some((name) => lost.includes(name));
  const all = [...load, ...held];
  const cut = all.filter(({ cutAt }) => cutAt !== null);
  for (const connection of cut) {
    if (!onLost(of.get(connection)))
      found.push(`a session was cut that nothing lost had carried: ${JSON.stringify(of.get(connection))}`);
    if (connection.at > at) found.push(`a session was cut that began ${connection.at - at} ms after the loss`);
  }
  const spared = held.filter((connection) => !onLost(of.get(connection)));
  const failed = load.filter((connection) => connection.failed !== null);
  const last = Math.max(0, ...failed.map((connection) => connection.at - at));
  if (last > FAIL_WITHIN_SECONDS * 1000) found.push(`a connect failed that began ${last} ms after the loss`);
  const when = failed.length === 0 ? '' : `; the last connect that failed began ${(last / 1000).toFixed(1)} s after the loss`;
  return {
    shown: `${shown}${when}; ${cut.length} sessions cut, all of them carried by what was lost; ${spared.length} of ${HELD} running sessions were elsewhere and went on; lost: ${lost.join(', ')}; noticed after ${noticed} s, all pods but its NATS ready again after ${settled} s, its NATS too after ${back} s, when the node was back`,
    wrong: brief(found),
  };
}

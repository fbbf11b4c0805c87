// What is shown: each scene gives sentences with what it measured, and what was wrong.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.mjs';
import { DRAIN_SECONDS, RELAYS } from './installation.mjs';

const HELD = 20;
const SPREAD_SECONDS = 30;
/** How much earlier than its deadline a session may be seen to end: times of the API server are whole seconds. */
const SLACK_MS = 2000;

/** `psql` through an agent outside, to a database that only the cluster's names lead to. */
export async function query(installation) {
  const answer = await installation.psql('select 6 * 7');
  const test = await installation.helm('test');
  const wrong = answer === '42' ? [] : [`the database answered ${answer}`];
  if (!/Phase:\s+Succeeded/.test(test)) wrong.push('helm test failed');
  return { shown: 'psql through the agent: the answer is 42; helm test succeeded', wrong };
}

/** Scales from one relay to eight and to two, under load. */
export async function scale(installation, client) {
  const begun = Date.now();
  const load = client.measure('load', await client.connect('echo'));
  await sleep(10_000);
  await installation.kubectl('scale', RELAYS, '--replicas=8');
  await installation.relaysOnline(8);
  const seen = Date.now();
  let spread;
  const even = async () => (spread = await spreadOver(installation, 8)).deviation <= 0.2;
  await eventually('sessions are spread evenly', even, 180, 2000).catch(() => undefined);
  const after = Math.round((Date.now() - seen) / 1000);
  await installation.kubectl('scale', RELAYS, '--replicas=2');
  await installation.settled();
  await installation.relaysOnline(2);
  const result = await load.stop();
  const wrong = [...failures(result), ...(await badRecords(installation, begun))];
  const percent = Math.round(spread.deviation * 100);
  if (spread.deviation > 0.2)
    wrong.push(`the sessions of ${spread.counts.join(', ')} on eight relays differ by ${percent} % from their mean`);
  return {
    shown: `${said(result)}; on eight relays within ${percent} % of the mean (${spread.counts.join(', ')}), ${after} s after they were online`,
    wrong,
  };
}

async function spreadOver(installation, relays) {
  const counts = new Map();
  for (const { outcome, relay } of await installation.records(Date.now() - SPREAD_SECONDS * 1000))
    if (outcome !== 'failed' && relay) counts.set(relay.id, (counts.get(relay.id) ?? 0) + 1);
  const mean = [...counts.values()].reduce((a, b) => a + b, 0) / relays;
  const deviation = counts.size < relays ? 1 : Math.max(...[...counts.values()].map((count) => Math.abs(count - mean) / mean));
  return { counts: [...counts.values()].sort((a, b) => b - a), deviation };
}

/** Restarts the pods of a workload while sessions run through them that outlast the deadline, and others come and go. */
export async function restart(installation, client, workload, component) {
  const begun = Date.now();
  const port = await client.connect('echo');
  const load = client.measure('load', port);
  const hold = client.measure('hold', port, HELD);
  await hold.begun;
  await sleep(5000);
  const stops = watchStops(installation, component);
  await installation.kubectl('rollout', 'restart', workload);
  await installation.settled();
  await sleep(DRAIN_SECONDS * 1000); // the last sessions of an old relay are not counted among the ready pods
  const stopped = await stops();
  const [result, held] = [await load.stop(), await hold.stop()];
  const records = await installation.records(begun);
  const first = Math.min(...stopped.values());
  const wrong = failures(result);
  let soonest = Infinity;
  for (const { port: clientPort, cutAt } of held) {
    if (cutAt === null) continue;
    const record = records.find(({ clientAddress, state }) => state === 'final' && clientAddress?.endsWith(`:${clientPort}`));
    const pod = component === 'relay' ? record?.relay?.name : undefined;
    const ms = cutAt - (stopped.get(pod) ?? first);
    soonest = Math.min(soonest, ms);
    if (ms < DRAIN_SECONDS * 1000 - SLACK_MS) wrong.push(`a session was cut ${ms} ms after its pod was told to stop`);
    if (record?.endReason !== 'drained') wrong.push(`a session ended as ${record?.endReason}`);
  }
  wrong.push(...(await badRecords(installation, begun, ['drained'])));
  const cut = held.filter(({ cutAt }) => cutAt !== null).length;
  const when =
    cut === 0 ? '' : `, the first ${(soonest / 1000).toFixed(1)} s after its pod was told to stop (deadline ${DRAIN_SECONDS} s)`;
  return {
    shown: `${said(result)}; ${stopped.size} pods replaced; of ${HELD} sessions that did not end ${cut} were drained${when}`,
    wrong,
  };
}

/** Sees pods stop. @returns what gives, by their names, when each was told to */
function watchStops(installation, component) {
  const stopped = new Map();
  let done = false;
  const loop = (async () => {
    while (!done) {
      const { items } = await installation.json('pods', '-l', `app.kubernetes.io/component=${component}`);
      for (const { metadata } of items)
        if (metadata.deletionTimestamp && !stopped.has(metadata.name))
          stopped.set(metadata.name, Date.parse(metadata.deletionTimestamp) - metadata.deletionGracePeriodSeconds * 1000);
      await sleep(300);
    }
  })();
  return async () => {
    done = true;
    await loop;
    return stopped;
  };
}

/** Upgrades to other images under load. */
export async function upgrade(installation, client, tag) {
  const begun = Date.now();
  const load = client.measure('load', await client.connect('echo'));
  await sleep(5000);
  await installation.upgrade(tag);
  await installation.settled(600);
  const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
  const { items } = await installation.json('pods');
  const old = items.filter(
    ({ spec, metadata }) =>
      !metadata.deletionTimestamp &&
      /sluice-\w+:/.test(spec.containers[0].image) &&
      !/postgres|setup/.test(spec.containers[0].image) &&
      !spec.containers[0].image.endsWith(`:${tag}`),
  );
  const result = await load.stop();
  const wrong = [
    ...failures(result),
    ...(await badRecords(installation, begun)),
    ...old.map(({ metadata }) => `${metadata.name} has the old image`),
  ];
  return { shown: `${said(result)}; all workloads replaced in ${minutes} min`, wrong };
}

/** Loses the node that has no stores. */
export async function loseNode(installation, client, node) {
  const begun = Date.now();
  const load = client.measure('load', await client.connect('echo'));
  await sleep(10_000);
  const { items } = await installation.json('pods', '--field-selector', `spec.nodeName=${node.name}`);
  const lost = items.filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.name);
  const at = Date.now();
  node.lose();
  const noticed = async () => {
    const {
      items: [found],
    } = await installation.json('nodes', '--field-selector', `metadata.name=${node.name}`);
    return found.status.conditions.some(({ type, status }) => type === 'Ready' && status !== 'True');
  };
  await eventually('the loss is noticed', noticed);
  const noticedAfter = Math.round((Date.now() - at) / 1000);
  // says that the node is not coming back, so that pods of StatefulSets may run elsewhere too
  await installation.kubectl('taint', 'node', node.name, 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute');
  await installation.settled();
  const settledAfter = Math.round((Date.now() - at) / 1000);
  await sleep(10_000);
  const result = await load.stop();
  const late = result.failed.map(({ at: when }) => (when - at) / 1000);
  const records = (await installation.records(begun)).filter(
    ({ state, endReason }) => state !== 'live' && endReason === 'relay lost',
  ).length;
  const wrong = [];
  const last = Math.max(0, ...late);
  if (result.failed.length > 0 && last > settledAfter) wrong.push(`a connect failed ${last} s after the loss`);
  return {
    shown: `${said(result)}, ${result.failed.length === 0 ? 'none' : `the last ${last.toFixed(0)} s after the loss`}; ${result.cut.length} sessions cut (records "relay lost": ${records}); lost: ${lost.join(', ')}; noticed after ${noticedAfter} s, all pods ready again after ${settledAfter} s`,
    wrong,
  };
}

const said = ({ connects, failed, medianMs, slowestMs }) =>
  `${connects} connects, ${failed.length} failed (median ${medianMs} ms, slowest ${slowestMs} ms)`;

function failures({ failed, cut }) {
  const reasons = [...new Set(failed.map(({ why }) => why))].join(', ');
  return [
    ...(failed.length > 0 ? [`${failed.length} connects failed: ${reasons}`] : []),
    ...(cut.length > 0 ? [`${cut.length} short sessions were cut`] : []),
  ];
}

/** Records of sessions that did not complete, other than for these reasons. */
async function badRecords(installation, since, but = []) {
  const records = (await installation.records(since)).filter(
    ({ state, outcome, endReason }) => state === 'final' && outcome !== 'completed' && !but.includes(endReason),
  );
  const reasons = [...new Set(records.map(({ endReason }) => endReason))].join(', ');
  return records.length > 0 ? [`${records.length} records of sessions that did not complete: ${reasons}`] : [];
}

import path from 'node:path';
import { arrows, isAllowed } from '../arrows.mjs';
import { API_ADDRESS } from '../control-plane.mjs';
import { eventually } from '../eventually.mjs';
import { CONTROL } from '../host.mjs';
import { ECHO_PORT, NAMESPACE, OTHER_NAMESPACE } from '../installation.mjs';
import { DNS_ADDRESS } from '../name-server.mjs';
import { podsOf, removeStandIns, startStandIns } from '../pods.mjs';
import { brief } from '../under-load.mjs';

const reach = [process.execPath, path.join(import.meta.dirname, '..', 'reach.mjs')];
/** How long it may take until the rules of the nodes are those for the pods that there are. */
const SETTLED_WITHIN_SECONDS = 30;
const KUBELET_PORT = 10250;

/**
 * From inside every pod of the installation, from pods of another namespace, and from outside, connects to every port of every pod and to
 * addresses outside. What the table allows must succeed, and everything else must fail.
 */
export async function policies(stage) {
  const { kubectl, client, nodes } = stage;
  const running = await podsOf(kubectl, NAMESPACE);
  const standIns = await startStandIns(stage, running);
  try {
    const pods = [...running, ...standIns];
    const own = pods.filter(({ namespace }) => namespace === NAMESPACE);
    const ports = (await Promise.all(running.map((pod) => portsOf(pod, nodes)))).flat();
    const addresses = await addressesOutside(stage);
    const sources = pods.map((pod) => ({ ...pod, run: (command) => runIn(pod, nodes, command) }));
    sources.push({ name: 'outside', run: (command) => client.run(command) });
    let tried = [];
    const settle = async () => {
      tried = (await Promise.all(sources.map((source) => attempts(source, [...ports, ...addresses])))).flat();
      return !tried.some(isWrong);
    };
    await eventually('the rules are in place', settle, SETTLED_WITHIN_SECONDS, 2000).catch(() => undefined);
    for (const node of nodes) {
      const local = ports.filter((port) => port.node === node.name).map((port) => ({ ...port, always: true }));
      tried.push(...(await attempts({ name: 'its own node', run: (command) => node.run(command) }, local)));
    }
    const right = tried.filter((one) => !isWrong(one));
    const [open, closed] = [true, false].map((allowed) => right.filter((one) => one.allowed === allowed).length);
    const wrong = tried.filter(isWrong).sort((a, b) => Number(a.allowed) - Number(b.allowed)); // what is open first
    const components = new Set(own.map(({ component }) => component)).size;
    return {
      shown: `${open} connects that the table allows succeed, ${closed} others fail: from ${own.length} pods of ${components} components, ${pods.length - own.length} pods of another namespace and a host outside to ${ports.length} ports of ${running.length} pods and ${addresses.length} other addresses`,
      wrong: brief([...untried(ports), ...wrong.map(inWords)], 20),
    };
  } finally {
    await removeStandIns(stage);
  }
}

const isWrong = ({ allowed, how }) => allowed !== (how === 'open');
const inWords = ({ from, to, allowed, how }) =>
  `${from} to ${to}: ${how}, ${allowed ? 'although it is allowed' : 'without an arrow'}`;

/** Arrows into the installation that lead to no port at which anybody listens. */
const untried = (ports) =>
  arrows
    .filter(({ to, port }) => port && !ports.some((one) => one.component === to && one.port === port))
    .map(({ from, to, port }) => `nobody listens where an arrow leads from ${from} to ${to} at ${port}`);

const runIn = ({ node, container }, nodes, command) => nodes.find(({ name }) => name === node).runBeside(container, command);

/** Every port at which a pod listens. */
async function portsOf(pod, nodes) {
  const listening = JSON.parse(await runIn(pod, nodes, [...reach, 'listening']));
  return listening.map((port) => ({
    what: `${pod.name}:${port}`,
    target: `${pod.address}:${port}`,
    pod: pod.name,
    node: pod.node,
    component: pod.component,
    port: pod.ports[port],
  }));
}

/** Addresses that are none of the installation's. */
async function addressesOutside({ kubectl, client, nodes }) {
  const [nameServer] = await podsOf(kubectl, 'kube-system');
  const database = (await podsOf(kubectl, OTHER_NAMESPACE)).find(({ name }) => name === 'database');
  return [
    { what: 'a host outside', target: `${client.address}:${ECHO_PORT}` },
    { what: 'a database of another namespace', target: `${database.address}:5432` },
    ...nodes.map(({ name, address }) => ({ what: `the kubelet of ${name}`, target: `${address}:${KUBELET_PORT}` })),
    { what: 'the API', target: `${CONTROL.address}:6443`, component: 'kubernetes' },
    { what: 'the Service of the API', target: `${API_ADDRESS}:443`, component: 'kubernetes', onlyForPods: true },
    { what: 'DNS', target: `${nameServer.address}:53`, always: true },
    { what: 'the Service of DNS', target: `${DNS_ADDRESS}:53`, always: true, onlyForPods: true },
  ];
}

/** Connects from a source to targets. @returns for each whether it was allowed, and how it ended */
async function attempts(source, targets) {
  const others = targets.filter(
    ({ pod, onlyForPods }) => (pod === undefined || pod !== source.name) && (source.address !== undefined || !onlyForPods),
  );
  const results = JSON.parse(await source.run([...reach, 'connect', ...others.map(({ target }) => target)]));
  return others.map(({ what, component, port, always = false }, index) => ({
    from: source.name,
    to: what,
    allowed: always || isAllowed(source.component, component, port),
    how: results[index],
  }));
}

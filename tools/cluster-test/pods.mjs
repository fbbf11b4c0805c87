// Pods of the cluster as they are, and pods that do nothing but stand where others would.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { arrows } from './arrows.mjs';
import { PAUSE_IMAGE } from './images.mjs';
import { NAMESPACE, OTHER_NAMESPACE } from './installation.mjs';

const COMPONENT = 'app.kubernetes.io/component';
const MARK = 'sluice-test/stand-in';

/** The running pods of a namespace; `ports` are the names of ports by their numbers, `component` is undefined in other namespaces. */
export async function podsOf(kubectl, namespace) {
  const args = ['get', 'pods', '--field-selector=status.phase=Running', '-o', 'json'];
  const { items } = JSON.parse(await kubectl('-n', namespace, ...args));
  return items
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      namespace,
      component: namespace === NAMESPACE ? metadata.labels[COMPONENT] : undefined,
      node: spec.nodeName,
      address: status.podIP,
      container: status.containerStatuses[0].containerID,
      ports: Object.fromEntries(
        spec.containers.flatMap(({ ports = [] }) => ports.map(({ name, containerPort }) => [containerPort, name])),
      ),
    }));
}

/**
 * Starts pods that do nothing on each node: one for each component that has no pod now, because it is a Job or a test, and one in another
 * namespace that has the labels of a component which may connect to the stores.
 * @param running the pods of the installation
 */
export async function startStandIns({ kubectl, folder, nodes }, running) {
  const present = ['any', ...running.map(({ component }) => component)];
  const missing = [...new Set(arrows.map(({ from }) => from))].filter((component) => !present.includes(component));
  const wanted = nodes.flatMap((node) => [
    ...missing.map((component) => standIn(node, NAMESPACE, component)),
    standIn(node, OTHER_NAMESPACE, 'registry'),
  ]);
  const file = path.join(folder, 'stand-ins.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: wanted }));
  await kubectl('apply', '-f', file);
  await kubectl('wait', '-f', file, '--for=condition=Ready', '--timeout=120s');
  const names = wanted.map(({ metadata }) => metadata.name);
  const all = [...(await podsOf(kubectl, NAMESPACE)), ...(await podsOf(kubectl, OTHER_NAMESPACE))];
  return all.filter(({ name }) => names.includes(name));
}

/** Takes them away. */
export async function removeStandIns({ kubectl }) {
  await kubectl('delete', 'pods', '--all-namespaces', '-l', MARK);
}

function standIn(node, namespace, component) {
  const restricted = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `like-${component}-${node.index}`,
      namespace,
      labels: {
        'app.kubernetes.io/name': 'sluice',
        'app.kubernetes.io/instance': 'sluice',
        [COMPONENT]: component,
        [MARK]: 'true',
      },
    },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node.name },
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      containers: [{ name: 'pause', image: PAUSE_IMAGE, securityContext: restricted }],
    },
  };
}

// The objects of the chart as kustomize has them: without what is Helm's own.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = path.join(import.meta.dirname, '..', '..');
/** The folder of what is rendered. */
export const KUSTOMIZE = path.join(root, 'deploy', 'kustomize');

/** The namespace of the files. An installation replaces it: kustomize changes the subjects of role bindings with it, if accounts have one. */
const NAMESPACE = 'access';

/** Renders the chart with files of values, and options of helm. @returns the objects, as `npm run kustomize` writes them */
export function renderObjects(files, { namespace = NAMESPACE, options = [] } = {}) {
  const values = files.flatMap((file) => ['--values', file]);
  const text = execFileSync(
    'helm',
    ['template', 'sluice', path.join(root, 'deploy', 'helm', 'sluice'), '--namespace', namespace, ...values, ...options],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 },
  );
  return parseAllDocuments(text, { uniqueKeys: true }).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const object = document.toJS();
    return object === null || isForTest(object) ? [] : [withoutHelm(object, namespace)];
  });
}

/** Whether an object is for `helm test`. */
const isForTest = ({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'test';

/** An object without Helm's labels and hooks. A Job has no number of a release's revision, because there are no revisions. */
function withoutHelm(object, namespace) {
  const { metadata, spec } = object;
  metadata.namespace = namespace;
  for (const labels of [metadata.labels, spec?.template?.metadata?.labels])
    if (labels) for (const label of ['helm.sh/chart', 'app.kubernetes.io/managed-by']) delete labels[label];
  for (const name of Object.keys(metadata.annotations ?? {})) if (name.startsWith('helm.sh/')) delete metadata.annotations[name];
  if (Object.keys(metadata.annotations ?? { kept: '' }).length === 0) delete metadata.annotations;
  if (object.kind === 'Job') metadata.name = metadata.name.replace(/-1$/, '');
  return object;
}
